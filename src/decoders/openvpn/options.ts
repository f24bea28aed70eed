// Schema of `[decoder.openvpn]`.

import { type Static, Type } from 'typebox';

export const openvpnOptions = Type.Object({
  ja3: Type.Boolean({ description: 'Compute JA3 and JA3S of the TLS inside.', default: true }),
  ja4: Type.Boolean({ description: 'Compute JA4 of the TLS inside.', default: true }),
  ja3_strings: Type.Boolean({
    description: 'Also note the texts that JA3 and JA3S are hashes of, in Arkime’s document.',
    default: true,
  }),
  ja4_raw: Type.Boolean({ description: 'Also note JA4_r, JA4 with its lists in clear, in Arkime’s document.', default: false }),
});

export type OpenvpnOptions = Static<typeof openvpnOptions>;
