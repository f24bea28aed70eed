// Facebook’s Zero protocol: the hellos of Google’s QUIC Crypto over TCP, each behind its kind, the version `QTV0` and its
// length. Only the client’s first message is read; the rest is secret. Runs on a packet worker.

import { Type } from 'typebox';
import { type DecoderContext, type DecoderDefinition, type Direction, DONE, Verdict } from '../contract.ts';
import { FramedDecoder, needMoreBytes, noMessage } from '../framed-decoder.ts';
import { quicFields } from './fields.ts';
import { isTaggedHello, noteTaggedHello } from './tagged-hello.ts';

/** Kind, version, length. */
const headerBytes = 9;
const start = Buffer.from('1QTV', 'latin1');
const maxHelloBytes = 4096;

class ZeroDecoder extends FramedDecoder {
  constructor(context: DecoderContext) {
    super(context, maxHelloBytes);
    context.protocol('quic');
  }

  protected override lengthAt(_direction: Direction, bytes: Buffer, at: number, to: number): number {
    if (!beginsAlike(bytes, at, to)) return noMessage;
    return to - at < headerBytes ? needMoreBytes : headerBytes + bytes.readUInt32LE(at + 5);
  }

  protected override message(_direction: Direction, bytes: Buffer, from: number, to: number): number {
    if (!isTaggedHello(bytes, from + headerBytes, to)) return 0;
    noteTaggedHello(this.context, bytes, from + headerBytes, to);
    return DONE;
  }
}

/** As far as there are bytes, they are those that a hello begins with. */
function beginsAlike(bytes: Buffer, from: number, to: number): boolean {
  const length = Math.min(start.length, to - from);
  return bytes.compare(start, 0, length, from, from + length) === 0;
}

function probe(_direction: Direction, bytes: Buffer, from: number, to: number): Verdict {
  if (!beginsAlike(bytes, from, to)) return Verdict.no;
  return to - from < start.length ? Verdict.needMore : Verdict.certain;
}

export const fbzeroDecoder: DecoderDefinition = {
  name: 'fbzero',
  title: 'Facebook Zero, QUIC Crypto over TCP',
  transports: ['tcp'],
  ports: [],
  firstBytes: [start[0] as number],
  records: [],
  sessionFields: Object.values(quicFields),
  anomalies: [],
  options: Type.Object({}),
  probe,
  create: (context) => new ZeroDecoder(context),
};
