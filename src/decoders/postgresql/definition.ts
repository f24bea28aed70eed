// The frontend/backend protocol of PostgreSQL as recognition, configuration and the field registry see it.

import { Type } from 'typebox';
import type { DecoderDefinition } from '../contract.ts';
import { PostgresqlDecoder } from './decoder.ts';
import { postgresqlFields } from './fields.ts';
import { probeStart } from './start-message.ts';

export const postgresqlDecoder: DecoderDefinition = {
  name: 'postgresql',
  title: 'PostgreSQL',
  transports: ['tcp'],
  ports: [5432, 6432],
  firstBytes: [0],
  records: [],
  sessionFields: Object.values(postgresqlFields),
  anomalies: [],
  options: Type.Object({}),
  probe: (direction, bytes, from, to) => probeStart(direction, bytes, from, to),
  create: (context) => new PostgresqlDecoder(context),
};
