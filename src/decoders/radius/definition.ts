// RADIUS (RFC 2865, accounting RFC 2866, dynamic authorization RFC 5176) as recognition, configuration and the field
// registry see it.

import { Type } from 'typebox';
import type { SessionField } from '../../record/index.ts';
import { readU16 } from '../big-endian.ts';
import { collected } from '../collected-field.ts';
import { type DecoderContext, type DecoderDefinition, type Direction, Verdict } from '../contract.ts';
import { PacketDecoder } from '../packet-decoder.ts';
import { fields, headerBytes, messageName, readAttributes } from './attributes.ts';

const messageType: SessionField = collected('keyword', 'radius.message_type', 'Kinds of messages: access-request, …', {
  path: 'radius.msgType',
  kind: 'lotermfield',
});

function probe(_direction: Direction, bytes: Buffer, from: number, to: number): Verdict {
  if (to - from < headerBytes || messageName(bytes[from] as number) === undefined) return Verdict.no;
  const length = readU16(bytes, from + 2);
  if (length < headerBytes || length > to - from) return Verdict.no;
  return Verdict.faint;
}

function read(context: DecoderContext, _direction: Direction, bytes: Buffer, from: number, to: number): void {
  if (to - from < headerBytes) return;
  const name = messageName(bytes[from] as number);
  if (name === undefined) return;
  context.note(messageType, name);
  readAttributes(context, bytes, from + headerBytes, Math.min(to, from + readU16(bytes, from + 2)));
}

export const radiusDecoder: DecoderDefinition = {
  name: 'radius',
  title: 'RADIUS',
  transports: ['udp'],
  ports: [1812, 1813, 1645, 1646, 3799],
  records: [],
  sessionFields: [messageType, ...Object.values(fields)],
  anomalies: [],
  options: Type.Object({}),
  probe,
  create: (context) => new PacketDecoder(context, read),
};
