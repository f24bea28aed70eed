// BGP (RFC 4271): the types of messages. Runs on packet workers.

import { Type } from 'typebox';
import { defineAnomalies } from '../../record/index.ts';
import { collected } from '../collected-field.ts';
import { type DecoderDefinition, type Direction, Verdict } from '../contract.ts';
import { Framing, MessageDecoder, type MessageFraming, type MessageReader } from '../message-decoder.ts';

const typeField = collected('keyword', 'bgp.type', 'Types of messages: OPEN, UPDATE, NOTIFICATION, KEEPALIVE, ROUTE-REFRESH.', {
  path: 'bgp.type',
  kind: 'uptermfield',
  counted: false,
});
const anomalies = defineAnomalies('bgp', {
  bad_header: 'Where a message must begin there is no marker of ones, or no length; the session is given up.',
});

/** RFC 4271 section 4.1, RFC 2918. */
const typeNames = ['', 'OPEN', 'UPDATE', 'NOTIFICATION', 'KEEPALIVE', 'ROUTE-REFRESH'];
const markerLength = 16;
const headerLength = 19;

/** How many of the 16 ones of the marker are there; -1 when another byte is. */
function markerBytes(bytes: Buffer, from: number, to: number): number {
  const end = Math.min(to, from + markerLength);
  for (let at = from; at < end; at += 1) if (bytes[at] !== 0xff) return -1;
  return end - from;
}

const framing: MessageFraming = {
  // Only the header is read.
  mostBytes: headerLength,
  whenLost: 'stop',
  lost: anomalies.bad_header,
  length(bytes, from, to) {
    if (markerBytes(bytes, from, to) < 0) return Framing.lost;
    if (to - from < headerLength) return Framing.more;
    const length = bytes.readUInt16BE(from + markerLength);
    return length < headerLength ? Framing.lost : length;
  },
};

const reader: MessageReader = {
  message(context, _direction, bytes, from) {
    const name = typeNames[bytes[from + headerLength - 1] as number];
    if (name !== undefined && name !== '') context.note(typeField, name);
    return true;
  },
};

function probe(_direction: Direction, bytes: Buffer, from: number, to: number): Verdict {
  const length = framing.length(bytes, from, to);
  if (length === Framing.lost) return Verdict.no;
  if (length === Framing.more) return Verdict.needMore;
  return typeNames[bytes[from + headerLength - 1] as number] ? Verdict.certain : Verdict.no;
}

export const bgpDecoder: DecoderDefinition = {
  name: 'bgp',
  // Its sessions last for months.
  saveSecs: 10,
  title: 'BGP message types',
  transports: ['tcp'],
  ports: [179],
  firstBytes: [0xff],
  records: [],
  sessionFields: [typeField],
  anomalies: Object.values(anomalies),
  options: Type.Object({}),
  probe,
  create: (context) => new MessageDecoder(context, framing, reader),
};
