// Oracle's Transparent Network Substrate (TNS) as the registry of decoders knows it.

import { Type } from 'typebox';
import type { DecoderDefinition } from '../contract.ts';
import { OracleDecoder } from './decoder.ts';
import { probeConnect } from './packet.ts';
import { oracleFields } from './session-fields.ts';

export const oracleDecoder: DecoderDefinition = {
  name: 'oracle',
  title: 'Oracle TNS',
  transports: ['tcp'],
  ports: [1521, 1522, 1525, 1526, 1529],
  records: [],
  sessionFields: oracleFields,
  anomalies: [],
  options: Type.Object({}),
  probe: (direction, bytes, from, to) => probeConnect(direction, bytes, from, to),
  create: (context) => new OracleDecoder(context),
};
