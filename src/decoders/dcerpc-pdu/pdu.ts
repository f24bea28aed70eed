// PDUs of connection-oriented DCE/RPC (C706 chapter 12, MS-RPCE 2.2): which interface a client binds to, which operations
// it calls, who it says it is. Called by the decoders of what carries DCE/RPC, on packet workers. Keeps nothing.

import type { DecoderContext } from '../contract.ts';
import { noteSecurityToken } from '../ntlm/index.ts';
import { dcerpcFields, typeNames } from './fields.ts';
import { interfaceNames } from './interfaces.ts';

/** Offsets in the header that all PDUs have (C706 section 12.6.3.1). */
const at = { type: 2, dataRepresentation: 4, fragmentLength: 8, authLength: 10 } as const;
export const headerBytes = 16;
/** What tells the length of a PDU. */
const lengthHeadBytes = at.fragmentLength + 2;
const majorVersion = 5;

const Type = { request: 0, bind: 11, alterContext: 14 } as const;

const operationAt = 22;
/** Bind: the number of contexts, and where the first begins; a context has a head, a syntax and transfer syntaxes. */
const bind = { count: 24, first: 28, headBytes: 4, syntaxBytes: 20, uuidBytes: 16 } as const;

/** Whether `[from, to)` may begin with a PDU, as far as it goes. */
export function isPdu(bytes: Buffer, from: number, to: number): boolean {
  const there = to - from;
  if (there < 1 || bytes[from] !== majorVersion) return false;
  if (there >= 2 && (bytes[from + 1] as number) > 1) return false;
  if (there >= 3 && (bytes[from + at.type] as number) >= typeNames.length) return false;
  if (there < at.dataRepresentation + 4) return true;
  // Integers big (0) or little endian (1), characters ASCII or EBCDIC; the floating point formats; two bytes unused.
  const representation = bytes[from + at.dataRepresentation] as number;
  if ((representation & 0xee) !== 0 || (bytes[from + 5] as number) > 3 || bytes.readUInt16BE(from + 6) !== 0) return false;
  return there < lengthHeadBytes || pduLength(bytes, from, to) >= headerBytes;
}

/** Length of the PDU that begins at `from`; 0 when too little is there to tell. */
export function pduLength(bytes: Buffer, from: number, to: number): number {
  return to - from < lengthHeadBytes ? 0 : u16(bytes, from + at.fragmentLength, isLittle(bytes, from));
}

/** Notes what a PDU says. `to` is its end, or the end of what is there of it. */
export function notePdu(context: DecoderContext, bytes: Buffer, from: number, to: number): void {
  if (to - from < headerBytes) return;
  const type = bytes[from + at.type] as number;
  if (bytes[from] !== majorVersion || type >= typeNames.length) return;
  const little = isLittle(bytes, from);
  context.protocol('dcerpc');
  context.note(dcerpcFields.messageType, type);
  if (type === Type.request && to - from >= operationAt + 2)
    context.note(dcerpcFields.operation, u16(bytes, from + operationAt, little));
  else if (type === Type.bind || type === Type.alterContext) noteContexts(context, bytes, from, to, little);
  // The token of the security package is the end of the PDU (C706 section 13.2.6.1).
  const authBytes = u16(bytes, from + at.authLength, little);
  if (authBytes > 0 && pduLength(bytes, from, to) === to - from && authBytes <= to - from - headerBytes) {
    noteSecurityToken(context, bytes, to - authBytes, to);
  }
}

function noteContexts(context: DecoderContext, bytes: Buffer, from: number, to: number, little: boolean): void {
  if (to - from < bind.first) return;
  let position = from + bind.first;
  for (let left = bytes[from + bind.count] as number; left > 0; left--) {
    if (to - position < bind.headBytes + bind.syntaxBytes) return;
    const uuid = uuidText(bytes, position + bind.headBytes, little);
    context.note(dcerpcFields.uuid, uuid);
    context.note(dcerpcFields.version, String(majorOf(bytes, position + bind.headBytes + bind.uuidBytes, little)));
    const name = interfaceNames.get(uuid);
    if (name !== undefined) {
      context.note(dcerpcFields.interface, name);
      context.protocol(name);
    }
    position += bind.headBytes + bind.syntaxBytes * (1 + (bytes[position + 2] as number));
  }
}

/** The low half is the major version; some senders of big endian write the halves the other way round. */
function majorOf(bytes: Buffer, position: number, little: boolean): number {
  return little ? bytes.readUInt16LE(position) : bytes.readUInt16BE(position + 2) || bytes.readUInt16BE(position);
}

/** A UUID's first three parts are integers, in the byte order of the PDU. */
function uuidText(bytes: Buffer, position: number, little: boolean): string {
  const hex = (from: number, length: number): string => bytes.toString('hex', position + from, position + from + length);
  const tail = `${hex(8, 2)}-${hex(10, 6)}`;
  if (!little) return `${hex(0, 4)}-${hex(4, 2)}-${hex(6, 2)}-${tail}`;
  const first = bytes.readUInt32LE(position).toString(16).padStart(8, '0');
  const [second, third] = [4, 6].map((part) =>
    bytes
      .readUInt16LE(position + part)
      .toString(16)
      .padStart(4, '0'),
  );
  return `${first}-${second}-${third}-${tail}`;
}

function isLittle(bytes: Buffer, from: number): boolean {
  return ((bytes[from + at.dataRepresentation] as number) & 0x10) !== 0;
}

function u16(bytes: Buffer, position: number, little: boolean): number {
  return little ? bytes.readUInt16LE(position) : bytes.readUInt16BE(position);
}
