// What SNMP adds to its session's record.

import { collected } from '../session-field.ts';

export const snmpFields = {
  version: collected('long', 'snmp.version', 'Versions: 1, 2 (2c) or 3.', { path: 'snmp.version' }),
  community: collected('keyword', 'snmp.community', 'Community strings.', { path: 'snmp.community' }),
  error: collected('keyword', 'snmp.error', 'What went wrong: noSuchName, genErr, …', { path: 'snmp.error' }),
  variable: collected('keyword', 'snmp.variable', 'Object identifiers of the variables in messages.', {
    path: 'snmp.variable',
  }),
  type: collected('keyword', 'snmp.type', 'Kinds of messages: GetRequest, GetResponse, SNMPv2-Trap, …', {
    path: 'snmp.type',
  }),
  trapOid: collected('keyword', 'snmp.trap_oid', 'Which notifications were sent; the enterprise of version 1.', {
    path: 'snmp.trapOid',
    expression: 'snmp.trap-oid',
  }),
  engineId: collected('keyword', 'snmp.engine_id', 'Authoritative engines of version 3, hexadecimal.', {
    path: 'snmp.engineId',
  }),
  securityLevel: collected('keyword', 'snmp.security_level', 'noAuthNoPriv, authNoPriv or authPriv, of version 3.', {
    path: 'snmp.secLevel',
  }),
};
