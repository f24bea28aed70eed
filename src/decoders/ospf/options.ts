// Schema of `[decoder.ospf]`.

import { type Static, Type } from 'typebox';

export const ospfOptions = Type.Object({
  max_packets: Type.Integer({
    default: 11,
    minimum: 1,
    maximum: 1_000_000,
    description: 'Packets of a session that are read; routers and areas repeat themselves.',
  }),
});

export type OspfOptions = Static<typeof ospfOptions>;
