// The frontend/backend protocol of PostgreSQL as the registry of decoders knows it.

import { Type } from 'typebox';
import type { DecoderDefinition } from '../contract.ts';
import { PostgresqlDecoder } from './decoder.ts';
import { postgresqlFields } from './session-fields.ts';
import { probeStart } from './start-message.ts';

export const postgresqlDecoder: DecoderDefinition = {
  name: 'postgresql',
  title: 'PostgreSQL',
  transports: ['tcp'],
  ports: [5432, 6432],
  firstBytes: [0],
  records: [],
  sessionFields: postgresqlFields,
  anomalies: [],
  options: Type.Object({}),
  probe: (direction, bytes, from, to) => probeStart(direction, bytes, from, to),
  create: (context) => new PostgresqlDecoder(context),
};
