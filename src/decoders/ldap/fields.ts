// What LDAP adds to its session's record.

import type { SessionField } from '../../record/index.ts';
import { collected } from '../session-field.ts';

export const ldapFields = {
  authType: collected(
    'keyword',
    'ldap.auth_type',
    'Ways of authentication of binds: none, simple, sasl, ntlmsspNegotiate, ntlmsspAuth (RFC 4511 section 4.2, MS-ADTS 5.1.1.1).',
    { path: 'ldap.authtype' },
  ),
  bindName: collected('keyword', 'ldap.bind_name', 'Names that clients bind with; <ROOT> for the empty one.', {
    path: 'ldap.bindname',
  }),
} as const satisfies Record<string, SessionField>;
