// What the WebSocket decoder adds to the session's own record, and what can be wrong.

import { defineAnomalies, type SessionField } from '../../record/index.ts';
import { collected } from '../collected-field.ts';

function sum(name: string, key: string, meaning: string): SessionField {
  const path = `websocket.${key}`;
  return { name, type: 'long', many: false, sum: true, meaning, arkime: { path, expression: path, kind: 'integer' } };
}

export const opcodeField = collected('keyword', 'websocket.opcode', 'Kinds of frames: Text, Binary, Close, Ping, Pong.', {
  path: 'websocket.opcode',
});
export const closeCodeField = collected('long', 'websocket.close_code', 'Status codes of close frames (RFC 6455 section 7.4).', {
  path: 'websocket.closeCode',
});
export const closeReasonField = collected('keyword', 'websocket.close_reason', 'Reasons of close frames.', {
  path: 'websocket.closeReason',
});
export const textSampleField = collected('keyword', 'websocket.text_sample', 'The first texts sent, each cut to its beginning.', {
  path: 'websocket.textSample',
});
export const payloadBytesField = sum('websocket.payload_bytes', 'payloadBytes', 'Bytes of the payloads of all frames.');
export const frameCountField = sum('websocket.frame_count', 'frameCnt', 'Frames of both directions.');
export const maskedField = sum('websocket.masked_from_client', 'maskedFromClient', 'Masked frames of the client.');

export const webSocketFields: readonly SessionField[] = [
  ...[opcodeField, closeCodeField, closeReasonField, textSampleField, payloadBytesField, frameCountField, maskedField],
];

export const webSocketAnomalies = defineAnomalies('websocket', {
  bad_frame: 'A frame has an opcode or a length that RFC 6455 section 5.2 does not allow; the session is given up.',
  unmasked_client: 'The client sends a frame that is not masked.',
  masked_server: 'The server sends a frame that is masked.',
});
