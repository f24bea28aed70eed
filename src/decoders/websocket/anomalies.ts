// What can be wrong with WebSocket.

import { defineAnomalies } from '../../record/index.ts';

export const webSocketAnomalies = defineAnomalies('websocket', {
  bad_frame: 'A frame has an opcode or a length that RFC 6455 section 5.2 does not allow; the session is given up.',
  unmasked_client: 'The client sends a frame that is not masked.',
  masked_server: 'The server sends a frame that is masked.',
});
