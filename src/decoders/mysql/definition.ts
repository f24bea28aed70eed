// The client/server protocol of MySQL and MariaDB as the registry of decoders knows it.

import { Type } from 'typebox';
import type { DecoderDefinition } from '../contract.ts';
import { MysqlDecoder } from './decoder.ts';
import { probeGreeting } from './greeting.ts';
import { mysqlFields } from './session-fields.ts';

export const mysqlDecoder: DecoderDefinition = {
  name: 'mysql',
  title: 'MySQL and MariaDB',
  transports: ['tcp'],
  ports: [3306, 33060],
  namesItself: true,
  records: [],
  sessionFields: mysqlFields,
  anomalies: [],
  options: Type.Object({}),
  probe: (direction, bytes, from, to) => probeGreeting(direction, bytes, from, to),
  create: (context) => new MysqlDecoder(context),
};
