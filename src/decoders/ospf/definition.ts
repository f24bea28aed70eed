// OSPF (RFC 2328 for version 2, RFC 5340 for version 3) as recognition, configuration and the field registry see it.

import { tagsField } from '../../record/index.ts';
import { type DecoderDefinition, Verdict } from '../contract.ts';
import { ospfAnomalies } from './anomalies.ts';
import { OspfDecoder } from './decoder.ts';
import { ospfFields } from './fields.ts';
import { type OspfOptions, ospfOptions } from './options.ts';

export const ospfDecoder: DecoderDefinition = {
  name: 'ospf',
  title: 'OSPF packet types, routers and areas',
  transports: ['ip'],
  ports: [],
  numbers: [89],
  records: [],
  sessionFields: [...Object.values(ospfFields), tagsField],
  anomalies: Object.values(ospfAnomalies),
  options: ospfOptions,
  probe: () => Verdict.no,
  create: (context, options) => new OspfDecoder(context, options as unknown as OspfOptions),
};
