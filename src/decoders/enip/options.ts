// Schema of `[decoder.enip]`.

import { type Static, Type } from 'typebox';

export const enipOptions = Type.Object({
  max_message_bytes: Type.Integer({
    default: 4096,
    minimum: 64,
    maximum: 65_559,
    description: 'Bytes of a message that are read.',
  }),
});

export type EnipOptions = Static<typeof enipOptions>;
