// The client/server protocol of MySQL and MariaDB as recognition, configuration and the field registry see it.

import { Type } from 'typebox';
import type { DecoderDefinition } from '../contract.ts';
import { MysqlDecoder } from './decoder.ts';
import { mysqlFields } from './fields.ts';
import { greetingForms, probeGreeting } from './greeting.ts';

export const mysqlDecoder: DecoderDefinition = {
  name: 'mysql',
  title: 'MySQL and MariaDB',
  transports: ['tcp'],
  ports: [3306, 33060],
  namesItself: true,
  forms: greetingForms,
  records: [],
  sessionFields: Object.values(mysqlFields),
  anomalies: [],
  options: Type.Object({}),
  probe: (direction, bytes, from, to) => probeGreeting(direction, bytes, from, to),
  create: (context) => new MysqlDecoder(context),
};
