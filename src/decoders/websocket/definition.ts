// WebSocket as recognition, configuration and the field registry see it. Its frames could be anything, so only HTTP can say that
// a stream is one: it hands over after a 101 response.

import { Type } from 'typebox';
import { type DecoderDefinition, Verdict } from '../contract.ts';
import { WebSocketDecoder, type WebSocketOptions } from './decoder.ts';
import { webSocketAnomalies, webSocketFields } from './session-fields.ts';

export const webSocketDecoder: DecoderDefinition = {
  name: 'websocket',
  title: 'WebSocket',
  transports: ['tcp'],
  ports: [],
  firstBytes: [],
  records: [],
  sessionFields: webSocketFields,
  anomalies: Object.values(webSocketAnomalies),
  options: Type.Object({
    max_text_samples: Type.Integer({
      description: 'How many texts of a session are noted.',
      default: 4,
      minimum: 0,
      maximum: 1000,
    }),
    max_sample_bytes: Type.Integer({
      description: 'How much of each of these texts is noted, in bytes.',
      default: 128,
      minimum: 1,
      maximum: 4096,
    }),
  }),
  probe: () => Verdict.no,
  create: (context, options) => new WebSocketDecoder(context, options as unknown as WebSocketOptions),
};
