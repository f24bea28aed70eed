// What WebSocket adds to its session's record.

import type { SessionField } from '../../record/index.ts';
import { collected, summed } from '../session-field.ts';

export const webSocketFields = {
  opcode: collected('keyword', 'websocket.opcode', 'Kinds of frames: Text, Binary, Close, Ping, Pong.', {
    path: 'websocket.opcode',
  }),
  closeCode: collected('long', 'websocket.close_code', 'Status codes of close frames (RFC 6455 section 7.4).', {
    path: 'websocket.closeCode',
  }),
  closeReason: collected('keyword', 'websocket.close_reason', 'Reasons of close frames.', {
    path: 'websocket.closeReason',
  }),
  textSample: collected('keyword', 'websocket.text_sample', 'The first texts sent, each cut to its beginning.', {
    path: 'websocket.textSample',
  }),
  payloadBytes: summed('websocket.payload_bytes', 'Bytes of the payloads of all frames.', {
    path: 'websocket.payloadBytes',
  }),
  frameCount: summed('websocket.frame_count', 'Frames of both directions.', { path: 'websocket.frameCnt' }),
  masked: summed('websocket.masked_from_client', 'Masked frames of the client.', {
    path: 'websocket.maskedFromClient',
  }),
} as const satisfies Record<string, SessionField>;
