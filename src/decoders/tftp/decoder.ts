// Reads a TFTP message (RFC 1350 §5): what is transferred. Called for each datagram, on packet workers.

import { readU16 } from '../big-endian.ts';
import type { DecoderContext, Direction } from '../contract.ts';
import { textOf } from '../wire-text.ts';
import { tftpFields } from './fields.ts';

export const opcodeNames = ['', 'rrq', 'wrq', 'data', 'ack', 'error', 'oack'] as const;

/** Longest name and mode of a request that are looked for. */
const textBytesMax = 512;

export function readDatagram(context: DecoderContext, _direction: Direction, bytes: Buffer, from: number, to: number): void {
  if (to - from < 4) return;
  const opcode = readU16(bytes, from);
  const name = opcodeNames[opcode];
  if (name === undefined || name === '') return;
  context.note(tftpFields.opcode, name);
  if (opcode > 2) return;
  const end = textEnd(bytes, from + 2, to);
  if (end > from + 2) context.note(tftpFields.filename, textOf(bytes, from + 2, end));
}

/** Where the NUL at the end of a string stands; -1 when there is none. */
export function textEnd(bytes: Buffer, from: number, to: number): number {
  const most = Math.min(to, from + textBytesMax);
  for (let at = from; at < most; at++) if (bytes[at] === 0) return at;
  return -1;
}
