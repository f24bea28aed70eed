// IGMP (RFC 3376) and PIM (RFC 7761), by which hosts and routers agree on multicast groups: their sessions are named.

import { Type } from 'typebox';
import { type DecoderDefinition, Verdict } from '../contract.ts';
import { PacketDecoder } from '../packet-decoder.ts';

const named = (name: string, title: string, number: number): DecoderDefinition => ({
  ...{ name, title, transports: ['ip'], ports: [], numbers: [number], records: [], sessionFields: [], anomalies: [] },
  options: Type.Object({}),
  probe: () => Verdict.no,
  create: (context) => new PacketDecoder(context, () => {}),
});

export const igmpDecoder = named('igmp', 'IGMP: sessions are named', 2);
export const pimDecoder = named('pim', 'PIM: sessions are named', 103);
