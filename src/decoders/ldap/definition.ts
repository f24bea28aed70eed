// LDAP over TCP and UDP as the registry of decoders knows it.

import { Type } from 'typebox';
import type { DecoderDefinition } from '../contract.ts';
import { ntlmFields } from '../ntlm/index.ts';
import { LdapDecoder } from './decoder.ts';
import { probeLdap } from './message-head.ts';
import { ldapFields } from './session-fields.ts';

export const ldapDecoder: DecoderDefinition = {
  name: 'ldap',
  title: 'LDAP',
  transports: ['tcp', 'udp'],
  ports: [389, 3268],
  firstBytes: [0x30],
  records: [],
  sessionFields: [...ldapFields, ...ntlmFields],
  anomalies: [],
  options: Type.Object({}),
  probe: (_direction, bytes, from, to) => probeLdap(bytes, from, to),
  create: (context) => new LdapDecoder(context),
};
