// Schema of `[decoder.diameter]`.

import { type Static, Type } from 'typebox';

export const diameterOptions = Type.Object({
  max_message_bytes: Type.Integer({
    default: 16_384,
    minimum: 1024,
    maximum: 16_777_215,
    description: 'Bytes of a message that are read.',
  }),
});

export type DiameterOptions = Static<typeof diameterOptions>;
