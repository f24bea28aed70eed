// Schema of `[decoder.tls]`.

import { type Static, Type } from 'typebox';

export const tlsOptions = Type.Object({
  max_handshake_bytes: Type.Integer({
    description: 'Longest hello or Certificate message that is read, in bytes. Of a longer one only this much is.',
    default: 65536,
    minimum: 4096,
    maximum: 1048576,
  }),
  supported_ciphers: Type.Boolean({
    description: 'Record the cipher suites, groups and versions that the client offers.',
    default: true,
  }),
  ja3: Type.Boolean({ description: 'Compute JA3 and JA3S.', default: true }),
  ja4: Type.Boolean({ description: 'Compute JA4.', default: true }),
  ja3_strings: Type.Boolean({ description: 'Also record the texts that JA3 and JA3S are hashes of.', default: true }),
  ja4_raw: Type.Boolean({ description: 'Also record JA4_r, JA4 with its lists in clear.', default: false }),
  session_ids: Type.Boolean({ description: 'Record the session ids of both hellos.', default: false }),
  certificate_chain: Type.Boolean({
    description: 'Record all certificates of both sides whole, in base64.',
    default: false,
  }),
});

export type TlsOptions = Static<typeof tlsOptions>;
