// Reads a RADIUS message (RFC 2865 §3). Called for each datagram, on packet workers.

import { readU16 } from '../big-endian.ts';
import type { DecoderContext, Direction } from '../contract.ts';
import { headerBytes, messageName, readAttributes } from './attributes.ts';
import { radiusFields } from './fields.ts';

export function readDatagram(context: DecoderContext, _direction: Direction, bytes: Buffer, from: number, to: number): void {
  if (to - from < headerBytes) return;
  const name = messageName(bytes[from] as number);
  if (name === undefined) return;
  context.note(radiusFields.messageType, name);
  readAttributes(context, bytes, from + headerBytes, Math.min(to, from + readU16(bytes, from + 2)));
}
