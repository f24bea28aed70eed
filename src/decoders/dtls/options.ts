// Schema of `[decoder.dtls]`.

import { type Static, Type } from 'typebox';

export const dtlsOptions = Type.Object({
  max_handshake_bytes: Type.Integer({
    description: 'Longest handshake message that is put together from its fragments, in bytes; longer ones are not read.',
    default: 65536,
    minimum: 4096,
    maximum: 1048576,
  }),
  ja4: Type.Boolean({ description: 'Compute JA4.', default: true }),
  ja4_raw: Type.Boolean({ description: 'Also note JA4_r, JA4 with its lists in clear, in Arkime’s document.', default: false }),
});

export type DtlsOptions = Static<typeof dtlsOptions>;
