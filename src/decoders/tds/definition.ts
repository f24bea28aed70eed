// Tabular Data Stream, the protocol of Microsoft SQL Server and Sybase, as recognition, configuration and the field registry see it.

import { Type } from 'typebox';
import type { DecoderDefinition } from '../contract.ts';
import { ntlmFields } from '../ntlm/index.ts';
import { tdsAnomalies } from './anomalies.ts';
import { TdsDecoder } from './decoder.ts';
import { packetTypes, probeTds } from './probe.ts';

export const tdsDecoder: DecoderDefinition = {
  name: 'tds',
  title: 'Tabular Data Stream (Microsoft SQL Server, Sybase)',
  transports: ['tcp'],
  ports: [1433, 2638, 5000],
  firstBytes: Object.values(packetTypes),
  records: [],
  sessionFields: Object.values(ntlmFields),
  anomalies: Object.values(tdsAnomalies),
  options: Type.Object({}),
  probe: (_direction, bytes, from, to) => probeTds(bytes, from, to),
  create: (context) => new TdsDecoder(context),
};
