// What LDAP adds to the session's own record.

import type { SessionField } from '../../record/index.ts';

export const authTypeField: SessionField = {
  name: 'ldap.auth_type',
  type: 'keyword',
  many: true,
  meaning:
    'Ways of authentication of binds: none, simple, sasl, ntlmsspNegotiate, ntlmsspAuth (RFC 4511 section 4.2, MS-ADTS 5.1.1.1).',
  arkime: { path: 'ldap.authtype', expression: 'ldap.authtype', kind: 'termfield', count: 'Cnt' },
};
export const bindNameField: SessionField = {
  name: 'ldap.bind_name',
  type: 'keyword',
  many: true,
  meaning: 'Names that clients bind with; <ROOT> for the empty one.',
  arkime: { path: 'ldap.bindname', expression: 'ldap.bindname', kind: 'termfield', count: 'Cnt' },
};
export const ldapFields: readonly SessionField[] = [authTypeField, bindNameField];
