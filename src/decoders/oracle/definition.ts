// Oracle's Transparent Network Substrate (TNS) as recognition, configuration and the field registry see it.

import { Type } from 'typebox';
import type { DecoderDefinition } from '../contract.ts';
import { OracleDecoder } from './decoder.ts';
import { oracleFields } from './fields.ts';
import { connectForms, probeConnect } from './packet.ts';

export const oracleDecoder: DecoderDefinition = {
  name: 'oracle',
  title: 'Oracle TNS',
  transports: ['tcp'],
  ports: [1521, 1522, 1525, 1526, 1529],
  forms: connectForms,
  records: [],
  sessionFields: Object.values(oracleFields),
  anomalies: [],
  options: Type.Object({}),
  probe: (direction, bytes, from, to) => probeConnect(direction, bytes, from, to),
  create: (context) => new OracleDecoder(context),
};
