// SCTP (RFC 9260) as recognition, configuration and the field registry see it: its decoder puts user messages together and reads
// those of protocols that are told by their payload protocol identifier or port.

import { type DecoderDefinition, Verdict } from '../contract.ts';
import { diameterFields } from '../diameter-messages/index.ts';
import { sigtranFields } from '../sigtran/index.ts';
import { sctpAnomalies } from './anomalies.ts';
import { SctpDecoder } from './decoder.ts';
import { sctpFields } from './fields.ts';
import { type SctpOptions, sctpOptions } from './options.ts';

export const sctpDecoder: DecoderDefinition = {
  name: 'sctp',
  title: 'SCTP user messages: Diameter, M2UA, M3UA, SCCP, TCAP, CAMEL',
  transports: ['sctp'],
  ports: [],
  // Its transport's name says it already.
  namesItself: true,
  records: [],
  sessionFields: [...Object.values(sctpFields), ...Object.values(diameterFields), ...Object.values(sigtranFields)],
  anomalies: Object.values(sctpAnomalies),
  options: sctpOptions,
  probe: () => Verdict.certain,
  create: (context, options) => new SctpDecoder(context, options as unknown as SctpOptions),
};
