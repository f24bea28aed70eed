// Diameter (RFC 6733) over TCP as recognition, configuration and the field registry see it; over SCTP it is read by the
// SCTP decoder.

import { Type } from 'typebox';
import { type DecoderDefinition, type Direction, Verdict } from '../contract.ts';
import { diameterAnomalies, diameterFields, isHeader, messageLength, readMessage } from '../diameter-messages/index.ts';
import { Framing, MessageDecoder, type MessageFraming, type MessageReader } from '../message-decoder.ts';

interface DiameterOptions {
  readonly max_message_bytes: number;
}

const framing = (options: DiameterOptions): MessageFraming => ({
  mostBytes: options.max_message_bytes,
  whenLost: 'stop',
  lost: diameterAnomalies.bad_header,
  length: (bytes, from, to) => (to - from < 4 ? Framing.more : messageLength(bytes, from)),
});

const reader: MessageReader = {
  message(context, _direction, bytes, from, to, length, timeUs) {
    readMessage(context, bytes, from, to, length === to - from, timeUs);
    return true;
  },
};

/** `faint` at most: a version of 1 and a length begin other protocols too. */
function probe(_direction: Direction, bytes: Buffer, from: number, to: number): Verdict {
  if (to - from < 8) return Verdict.needMore;
  return isHeader(bytes, from) ? Verdict.faint : Verdict.no;
}

export const diameterDecoder: DecoderDefinition = {
  name: 'diameter',
  title: 'Diameter: commands, peers, users',
  transports: ['tcp'],
  ports: [3868, 5658],
  firstBytes: [1],
  records: [],
  sessionFields: diameterFields,
  anomalies: Object.values(diameterAnomalies),
  options: Type.Object({
    max_message_bytes: Type.Integer({
      default: 16_384,
      minimum: 1024,
      maximum: 16_777_215,
      description: 'Bytes of a message that are read.',
    }),
  }),
  probe,
  create: (context, options) => new MessageDecoder(context, framing(options as unknown as DiameterOptions), reader),
};
