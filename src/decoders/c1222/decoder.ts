// C12.22 messages: an ACSE association (ISO 8650) with titles and invocation numbers of both sides, and in its user information
// the control octet of EPSEM (ANSI C12.22 section 5.3.2). Called by the C12.22 decoder, on packet workers.

import type { SessionField } from '../../record/index.ts';
import { BerCursor, contentBytes, headerBytes, Tag } from '../ber-cursor.ts';
import { type DecoderContext, type Direction, Verdict } from '../contract.ts';
import { FramedDecoder, needMoreBytes, noMessage } from '../framed-decoder.ts';
import { oidText } from '../x509/object-identifier.ts';
import { c1222Anomalies } from './anomalies.ts';
import { c1222Fields } from './fields.ts';
import type { C1222Options } from './options.ts';

const association = 0x60;
const Element = {
  calledTitle: 0xa2,
  calledNumber: 0xa4,
  callingTitle: 0xa6,
  callingNumber: 0xa8,
  userInformation: 0xbe,
} as const;
/** Context tags within titles and within EXTERNAL. */
const Inner = { relativeOid: 0x80, octets: 0x81 } as const;
/** What relative titles are relative to (RFC 6142 section 2.5). */
const titleBase = '2.16.124.113620.1.22.0';
const securityModes = ['cleartext', 'cleartext-with-auth', 'ciphertext-with-auth', 'unknown'];
const responseControls = ['always', 'on-exception', 'never', 'unknown'];

/** Length of the message at `from`, of which `[from, to)` are there; `needMoreBytes` or `noMessage`. */
export function messageLength(bytes: Buffer, from: number, to: number): number {
  if (bytes[from] !== association) return noMessage;
  const header = headerBytes(bytes, from, to);
  if (header < 0) return noMessage;
  return header === 0 ? needMoreBytes : header + contentBytes(bytes, from, header);
}

/** Does the message at `from`, of which `[from, to)` are there, begin with a title or number? GSS-API tokens begin with 0x60 too. */
export function beginsAssociation(bytes: Buffer, from: number, to: number): Verdict {
  const outer = new BerCursor(bytes, from, to);
  if (!outer.nextCut() || outer.to - outer.from < 3) return Verdict.needMore;
  const element = bytes[outer.from] as number;
  const inner = bytes[outer.from + 2] as number;
  const isTitle = element === Element.calledTitle || element === Element.callingTitle;
  const isNumber = element === Element.calledNumber || element === Element.callingNumber;
  if (isTitle) return inner === Tag.oid || inner === Inner.relativeOid ? Verdict.certain : Verdict.no;
  return isNumber && inner === Tag.integer ? Verdict.certain : Verdict.no;
}

export class C1222Decoder extends FramedDecoder {
  constructor(context: DecoderContext, options: C1222Options) {
    super(context, options.max_message_bytes, { action: 'stop', anomaly: c1222Anomalies.bad_message });
  }

  protected lengthAt(_direction: Direction, bytes: Buffer, at: number, to: number): number {
    return messageLength(bytes, at, to);
  }

  protected message(_direction: Direction, bytes: Buffer, from: number, to: number): number {
    const outer = new BerCursor(bytes, from, to);
    if (!outer.nextCut()) return 0;
    const elements = outer.inside();
    while (elements.nextCut()) readElement(this.context, elements.tag, elements.inside());
    return 0;
  }
}

function readElement(context: DecoderContext, tag: number, cursor: BerCursor): void {
  if (tag === Element.userInformation) {
    readUserInformation(context, cursor);
    return;
  }
  if (!cursor.next()) return;
  if (tag === Element.calledTitle) noteTitle(context, c1222Fields.calledTitle, cursor);
  else if (tag === Element.callingTitle) noteTitle(context, c1222Fields.callingTitle, cursor);
  else if (tag === Element.calledNumber) noteNumber(context, c1222Fields.calledNumber, cursor);
  else if (tag === Element.callingNumber) noteNumber(context, c1222Fields.callingNumber, cursor);
}

function noteTitle(context: DecoderContext, field: SessionField, cursor: BerCursor): void {
  if (cursor.tag === Tag.oid) {
    const title = oidText(cursor.bytes, cursor.from, cursor.to);
    if (title !== '') context.note(field, title);
  } else if (cursor.tag === Inner.relativeOid) {
    context.note(field, `${titleBase}${relativeText(cursor.bytes, cursor.from, cursor.to)}`);
  }
}

/** Arcs of a relative object identifier (X.690 section 8.20), each behind a point. */
function relativeText(bytes: Buffer, from: number, to: number): string {
  let out = '';
  let arc = 0;
  for (let at = from; at < to; at += 1) {
    arc = (arc * 128 + ((bytes[at] as number) & 0x7f)) % Number.MAX_SAFE_INTEGER;
    if ((bytes[at] as number) >= 0x80) continue;
    out += `.${arc}`;
    arc = 0;
  }
  return out;
}

function noteNumber(context: DecoderContext, field: SessionField, cursor: BerCursor): void {
  const value = cursor.tag === Tag.integer ? cursor.number() : -1;
  if (value >= 0) context.note(field, value);
}

/** EXTERNAL with the octets of EPSEM, the first of which is its control. */
function readUserInformation(context: DecoderContext, cursor: BerCursor): void {
  if (!cursor.nextCut() || cursor.tag !== Tag.external) return;
  const external = cursor.inside();
  while (external.nextCut()) {
    if (external.tag !== Inner.octets || external.to === external.from) continue;
    const control = external.bytes[external.from] as number;
    context.note(c1222Fields.security, securityModes[(control >> 2) & 3] as string);
    context.note(c1222Fields.response, responseControls[control & 3] as string);
    return;
  }
}
