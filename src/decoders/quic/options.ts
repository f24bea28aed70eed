// Schema of `[decoder.quic]`.

import { type Static, Type } from 'typebox';

export const quicOptions = Type.Object({
  max_hello_bytes: Type.Integer({
    description: 'Longest ClientHello that is put together from Initial packets, in bytes.',
    default: 16384,
    minimum: 2048,
    maximum: 65536,
  }),
  ja3: Type.Boolean({ description: 'Compute JA3.', default: true }),
  ja4: Type.Boolean({ description: 'Compute JA4.', default: true }),
  ja3_strings: Type.Boolean({ description: 'Also note the text that JA3 is the hash of, in Arkime’s document.', default: true }),
  ja4_raw: Type.Boolean({ description: 'Also note JA4_r, JA4 with its lists in clear, in Arkime’s document.', default: false }),
});

export type QuicOptions = Static<typeof quicOptions>;
