// Reads a message of the NetBIOS name service (RFC 1002 §4.2): names asked for, and names with the addresses of their
// nodes. Called for each datagram, on packet workers.

import { ipv4Text } from '../address-text.ts';
import { readU16 } from '../big-endian.ts';
import type { DecoderContext, Direction } from '../contract.ts';
import { nbnsFields } from './fields.ts';
import { nameAt, plainName, skipName } from './netbios-name.ts';

export const headerBytes = 12;
/** Questions and records of a message that are read. */
const entriesMax = 64;

const RecordType = { nb: 0x20, nbstat: 0x21 } as const;
const typeNames: ReadonlyMap<number, string> = new Map([
  [0x01, 'A'],
  [0x02, 'NS'],
  [0x0a, 'NULL'],
  [RecordType.nb, 'NB'],
  [RecordType.nbstat, 'NBSTAT'],
]);
/** Flags and address of a node (§4.2.13); name and flags in a node's status (§4.2.18). */
const addressEntryBytes = 6;
const statusEntryBytes = 18;

export function readMessage(context: DecoderContext, _direction: Direction, bytes: Buffer, from: number, to: number): void {
  if (to - from < headerBytes) return;
  const questions = readU16(bytes, from + 4);
  const records = readU16(bytes, from + 6) + readU16(bytes, from + 8) + readU16(bytes, from + 10);
  let at = from + headerBytes;
  for (let index = 0; index < questions && index < entriesMax; index++) {
    const behind = skipName(bytes, at, to);
    if (behind < 0 || behind + 4 > to) return;
    readQuestion(context, nameAt(bytes, from, at, to), readU16(bytes, behind));
    at = behind + 4;
  }
  for (let index = 0; index < records && index < entriesMax; index++) {
    const behind = skipName(bytes, at, to);
    if (behind < 0 || behind + 10 > to) return;
    const dataAt = behind + 10;
    const dataEnd = dataAt + readU16(bytes, behind + 8);
    if (dataEnd > to) return;
    const name = nameAt(bytes, from, at, to);
    const type = readU16(bytes, behind);
    if (type === RecordType.nb) readAddresses(context, name, bytes, dataAt, dataEnd);
    else if (type === RecordType.nbstat) readStatus(context, bytes, dataAt, dataEnd);
    at = dataEnd;
  }
}

function readQuestion(context: DecoderContext, name: string, type: number): void {
  if (name === '') return;
  context.note(nbnsFields.name, name);
  context.note(nbnsFields.queryHost, name);
  const typeName = typeNames.get(type);
  if (typeName !== undefined) context.note(nbnsFields.queryType, typeName);
}

function readAddresses(context: DecoderContext, name: string, bytes: Buffer, from: number, to: number): void {
  if (name !== '') {
    context.note(nbnsFields.name, name);
    context.note(nbnsFields.host, name);
  }
  for (let at = from; at + addressEntryBytes <= to; at += addressEntryBytes) context.note(nbnsFields.ip, ipv4Text(bytes, at + 2));
}

/** The names that a node has. */
function readStatus(context: DecoderContext, bytes: Buffer, from: number, to: number): void {
  if (from >= to) return;
  const end = Math.min(to, from + 1 + (bytes[from] as number) * statusEntryBytes);
  for (let at = from + 1; at + statusEntryBytes <= end; at += statusEntryBytes) {
    const name = plainName(bytes, at);
    if (name !== '') context.note(nbnsFields.name, name);
  }
}
