// Schema of `[decoder.c1222]`.

import { type Static, Type } from 'typebox';

export const c1222Options = Type.Object({
  max_message_bytes: Type.Integer({
    default: 8192,
    minimum: 256,
    maximum: 1_048_576,
    description: 'Bytes of a message that are read.',
  }),
});

export type C1222Options = Static<typeof c1222Options>;
