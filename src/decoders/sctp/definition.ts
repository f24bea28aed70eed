// SCTP (RFC 9260) as recognition, configuration and the field registry see it: its decoder puts user messages together and reads
// those of protocols that are told by their payload protocol identifier or port.

import { Type } from 'typebox';
import { type DecoderDefinition, Verdict } from '../contract.ts';
import { diameterFields } from '../diameter-messages/index.ts';
import { sigtranFields } from '../sigtran/index.ts';
import { anomalies, protocolField, SctpDecoder, type SctpOptions } from './decoder.ts';

export const sctpDecoder: DecoderDefinition = {
  name: 'sctp',
  title: 'SCTP user messages: Diameter, M2UA, M3UA, SCCP, TCAP, CAMEL',
  transports: ['sctp'],
  ports: [],
  // Its transport's name says it already.
  namesItself: true,
  records: [],
  sessionFields: [protocolField, ...diameterFields, ...sigtranFields],
  anomalies: Object.values(anomalies),
  options: Type.Object({
    max_message_bytes: Type.Integer({
      default: 65_536,
      minimum: 1024,
      maximum: 16_777_216,
      description: 'Bytes of unfinished user messages that are kept of a session.',
    }),
    max_fragments: Type.Integer({
      default: 256,
      minimum: 2,
      maximum: 65_536,
      description: 'Fragments of unfinished user messages that are kept of a session.',
    }),
  }),
  probe: () => Verdict.certain,
  create: (context, options) => new SctpDecoder(context, options as unknown as SctpOptions),
};
