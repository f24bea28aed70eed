// Schema of `[decoder.s7comm]`.

import { type Static, Type } from 'typebox';

export const s7commOptions = Type.Object({
  max_packet_bytes: Type.Integer({
    default: 1024,
    minimum: 64,
    maximum: 65_535,
    description: 'Bytes of a packet that are read.',
  }),
});

export type S7commOptions = Static<typeof s7commOptions>;
