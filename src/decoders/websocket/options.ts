// Schema of `[decoder.websocket]`.

import { type Static, Type } from 'typebox';

export const webSocketOptions = Type.Object({
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
});

export type WebSocketOptions = Static<typeof webSocketOptions>;
