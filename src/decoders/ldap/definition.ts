// LDAP over TCP and UDP as recognition, configuration and the field registry see it.

import { Type } from 'typebox';
import type { DecoderDefinition } from '../contract.ts';
import { ntlmFields } from '../ntlm/index.ts';
import { LdapDecoder } from './decoder.ts';
import { ldapFields } from './fields.ts';
import { probeLdap } from './message-head.ts';

export const ldapDecoder: DecoderDefinition = {
  name: 'ldap',
  title: 'LDAP',
  transports: ['tcp', 'udp'],
  ports: [389, 3268],
  firstBytes: [0x30],
  records: [],
  sessionFields: [...Object.values(ldapFields), ...Object.values(ntlmFields)],
  anomalies: [],
  options: Type.Object({}),
  probe: (_direction, bytes, from, to) => probeLdap(bytes, from, to),
  create: (context) => new LdapDecoder(context),
};
