// WebSocket as recognition, configuration and the field registry see it. Its frames could be anything, so only HTTP can say that
// a stream is one: it hands over after a 101 response.

import { type DecoderDefinition, Verdict } from '../contract.ts';
import { webSocketAnomalies } from './anomalies.ts';
import { WebSocketDecoder } from './decoder.ts';
import { webSocketFields } from './fields.ts';
import { type WebSocketOptions, webSocketOptions } from './options.ts';

export const webSocketDecoder: DecoderDefinition = {
  name: 'websocket',
  title: 'WebSocket',
  transports: ['tcp'],
  ports: [],
  firstBytes: [],
  records: [],
  sessionFields: Object.values(webSocketFields),
  anomalies: Object.values(webSocketAnomalies),
  options: webSocketOptions,
  probe: () => Verdict.no,
  create: (context, options) => new WebSocketDecoder(context, options as unknown as WebSocketOptions),
};
