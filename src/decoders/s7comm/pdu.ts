// S7 messages: classic ones (protocol 0x32) with their function and error, and the heads of those of S7comm-plus (0x72).
// Called for each message, on packet workers.

import { ByteCursor } from '../byte-cursor.ts';
import type { DecoderContext } from '../contract.ts';
import { s7commFields } from './fields.ts';

const Protocol = { classic: 0x32, plus: 0x72 } as const;
const Kind = { ack: 2, ackData: 3 } as const;
/** From this version on a digest, behind its length, stands before the operation. */
const digestVersion = 3;
const keepAliveVersion = 0xff;
const Opcode = { first: 0x31, last: 0x33 } as const;

const functionNames: ReadonlyMap<number, string> = new Map([
  [0x00, 'CPU services'],
  [0x04, 'Read Var'],
  [0x05, 'Write Var'],
  [0x1a, 'Request download'],
  [0x1b, 'Download block'],
  [0x1c, 'Download ended'],
  [0x1d, 'Start upload'],
  [0x1e, 'Upload'],
  [0x1f, 'End upload'],
  [0x28, 'PLC Control'],
  [0x29, 'PLC Stop'],
  [0xf0, 'Setup communication'],
]);

/** Does a message begin with this byte? */
export const isS7 = (byte: number): boolean => byte === Protocol.classic || byte === Protocol.plus;

/** Notes what the head of the message `[from, to)` says. */
export function readPdu(context: DecoderContext, bytes: Buffer, from: number, to: number): void {
  const cursor = new ByteCursor(bytes, from, to);
  const protocol = cursor.u8();
  if (protocol === Protocol.classic) readClassic(context, cursor);
  else if (protocol === Protocol.plus) readPlus(context, cursor);
}

function readClassic(context: DecoderContext, cursor: ByteCursor): void {
  context.protocol('s7comm');
  const kind = cursor.u8();
  cursor.skip(2);
  const reference = cursor.u16();
  const parameterLength = cursor.u16();
  cursor.skip(2);
  if (cursor.failed) return;
  context.note(s7commFields.rosctr, kind);
  context.note(s7commFields.reference, reference);
  if (kind === Kind.ack || kind === Kind.ackData) {
    const errorClass = cursor.u8();
    const errorCode = cursor.u8();
    if (errorClass !== 0) context.note(s7commFields.errorClass, errorClass);
    if (errorCode !== 0) context.note(s7commFields.errorCode, errorCode);
  }
  if (parameterLength === 0 || cursor.left === 0) return;
  const code = cursor.u8();
  context.note(s7commFields.function, code);
  const name = functionNames.get(code);
  if (name !== undefined) context.note(s7commFields.functionName, name);
}

function readPlus(context: DecoderContext, cursor: ByteCursor): void {
  context.protocol('s7comm-plus');
  const version = cursor.u8();
  cursor.skip(2);
  // Keep-alives have no operation.
  if (version === keepAliveVersion) return;
  let opcode = cursor.u8();
  if (version >= digestVersion || opcode < Opcode.first || opcode > Opcode.last) {
    cursor.skip(opcode);
    opcode = cursor.u8();
  }
  if (!cursor.failed) context.note(s7commFields.opcode, opcode);
}
