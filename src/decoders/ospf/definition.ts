// OSPF (RFC 2328 for version 2, RFC 5340 for version 3) as recognition, configuration and the field registry see it.

import { Type } from 'typebox';
import { type DecoderDefinition, Verdict } from '../contract.ts';
import { anomalies, OspfDecoder, type OspfOptions, sessionFields } from './decoder.ts';

export const ospfDecoder: DecoderDefinition = {
  name: 'ospf',
  title: 'OSPF packet types, routers and areas',
  transports: ['ip'],
  ports: [],
  numbers: [89],
  records: [],
  sessionFields,
  anomalies: Object.values(anomalies),
  options: Type.Object({
    max_packets: Type.Integer({
      default: 11,
      minimum: 1,
      maximum: 1_000_000,
      description: 'Packets of a session that are read; routers and areas repeat themselves.',
    }),
  }),
  probe: () => Verdict.no,
  create: (context, options) => new OspfDecoder(context, options as unknown as OspfOptions),
};
