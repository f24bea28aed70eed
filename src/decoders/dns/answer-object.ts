// A resource record as an object of plain values, as Arkime's document has it in `dns.answers`. Called for the records of a
// response where that document is written; runs on packet workers.

import { ipv4Text, ipv6Text } from '../address-text.ts';
import { readU16, readU32 } from '../big-endian.ts';
import { hexOf, textOf } from '../wire-text.ts';
import { className, typeName } from './code-points.ts';
import { svcParamTexts } from './svc-param-texts.ts';
import { readWireName, type WireName } from './wire-name.ts';

/** Types with values of their own (RFC 1035 §3.3, RFC 3596, 4034, 8659, 9460). */
export const DataType = {
  a: 1,
  ns: 2,
  cname: 5,
  mx: 15,
  txt: 16,
  aaaa: 28,
  opt: 41,
  ds: 43,
  rrsig: 46,
  nsec: 47,
  https: 65,
  caa: 257,
} as const;

export interface Answer {
  name: string;
  class: string;
  type: string;
  ttl: number;
  ip?: string;
  cname?: string;
  nameserver?: string;
  mx?: string;
  priority?: number;
  txt?: string[];
  https?: string;
  caa?: string;
  rrsig?: string;
  nsec?: string;
  ds?: string;
}

/** What a record is besides its data. */
export interface RecordHead {
  readonly name: string;
  readonly type: number;
  readonly rrClass: number;
  readonly ttl: number;
}

const target: WireName = { text: '' };

/**
 * The record whose data is `[from, to)` of the message at `message`; undefined when the data is not what its type asks for, or
 * names nothing but the root.
 */
export function answerOf(head: RecordHead, bytes: Buffer, message: number, from: number, to: number): Answer | undefined {
  const answer: Answer = {
    name: head.name,
    class: className(head.rrClass),
    type: typeName(head.type),
    ttl: head.ttl,
  };
  return addData(answer, head.type, bytes, message, from, to) ? answer : undefined;
}

function addData(answer: Answer, type: number, bytes: Buffer, message: number, from: number, to: number): boolean {
  const length = to - from;
  switch (type) {
    case DataType.a:
      if (length !== 4) return false;
      answer.ip = ipv4Text(bytes, from);
      return true;
    case DataType.aaaa:
      if (length !== 16) return false;
      answer.ip = ipv6Text(bytes, from);
      return true;
    case DataType.cname:
      if (!readTarget(bytes, message, from, to)) return false;
      answer.cname = target.text;
      return true;
    case DataType.ns:
      if (!readTarget(bytes, message, from, to)) return false;
      answer.nameserver = target.text;
      return true;
    case DataType.mx:
      if (length < 3 || !readTarget(bytes, message, from + 2, to)) return false;
      answer.priority = readU16(bytes, from);
      answer.mx = target.text;
      return true;
    case DataType.txt: {
      const texts = textsOf(bytes, from, to);
      if (texts === undefined) return false;
      answer.txt = texts;
      return true;
    }
    case DataType.https:
      return addHttps(answer, bytes, message, from, to);
    case DataType.caa:
      return addCaa(answer, bytes, from, to);
    case DataType.ds:
      if (length < 5) return false;
      answer.ds = `DS ${readU16(bytes, from)} ${bytes[from + 2]} ${bytes[from + 3]} ${hexOf(bytes, from + 4, to).toUpperCase()}`;
      return true;
    case DataType.rrsig:
      return addSignature(answer, bytes, message, from, to);
    case DataType.nsec:
      return addNextSecure(answer, bytes, message, from, to);
    default:
      return true;
  }
}

/** A name other than the root into `target`. */
function readTarget(bytes: Buffer, message: number, from: number, to: number): boolean {
  return readWireName(target, bytes, message, from, to) > 0 && target.text !== '';
}

function textsOf(bytes: Buffer, from: number, to: number): string[] | undefined {
  const texts: string[] = [];
  for (let at = from; at < to; ) {
    const end = at + 1 + (bytes[at] as number);
    if (end > to) return undefined;
    texts.push(textOf(bytes, at + 1, end));
    at = end;
  }
  return texts.length > 0 ? texts : undefined;
}

function addHttps(answer: Answer, bytes: Buffer, message: number, from: number, to: number): boolean {
  if (to - from < 3) return false;
  const behind = readWireName(target, bytes, message, from + 2, to);
  if (behind < 0) return false;
  const params = svcParamTexts(bytes, behind, to);
  if (params === undefined) return false;
  answer.https = ['HTTPS', readU16(bytes, from), target.text === '' ? '.' : target.text, ...params].join(' ');
  return true;
}

/** RFC 8659 §4.1. */
function addCaa(answer: Answer, bytes: Buffer, from: number, to: number): boolean {
  if (to - from < 2) return false;
  const valueAt = from + 2 + (bytes[from + 1] as number);
  if (valueAt > to) return false;
  answer.caa = `CAA ${bytes[from]} ${textOf(bytes, from + 2, valueAt)} ${textOf(bytes, valueAt, to)}`;
  return true;
}

/** RFC 4034 §3.2, without the signature itself. */
function addSignature(answer: Answer, bytes: Buffer, message: number, from: number, to: number): boolean {
  if (to - from < 19 || !readTarget(bytes, message, from + 18, to)) return false;
  const parts = [
    'RRSIG',
    typeName(readU16(bytes, from)),
    bytes[from + 2],
    bytes[from + 3],
    readU32(bytes, from + 4),
    readU32(bytes, from + 8),
    readU32(bytes, from + 12),
    readU16(bytes, from + 16),
    target.text,
  ];
  answer.rrsig = parts.join(' ');
  return true;
}

/** RFC 4034 §4.1: the next name, and the types there are, up to a window that is not right. */
function addNextSecure(answer: Answer, bytes: Buffer, message: number, from: number, to: number): boolean {
  const behind = readWireName(target, bytes, message, from, to);
  if (behind < 0 || target.text === '') return false;
  const types: string[] = [];
  for (let at = behind; at + 2 <= to; ) {
    const window = bytes[at] as number;
    const bits = at + 2;
    const end = bits + (bytes[at + 1] as number);
    if (end > to || end === bits || end - bits > 32) break;
    for (let index = 0; index < (end - bits) * 8; index++)
      if (((bytes[bits + (index >> 3)] as number) & (0x80 >> (index & 7))) !== 0) types.push(typeName(window * 256 + index));
    at = end;
  }
  answer.nsec = `NSEC ${target.text} ${types.join(' ')}`;
  return true;
}
