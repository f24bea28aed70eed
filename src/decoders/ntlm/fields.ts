// What NTLM messages add to their session's record. Every decoder that carries NTLM lists them among its own.

import { type SessionField, userField } from '../../record/index.ts';
import { collected } from '../session-field.ts';

export const ntlmFields = {
  type: collected('long', 'ntlm.type', 'NTLM messages seen: 1 negotiate, 2 challenge, 3 authenticate.', {
    path: 'ntlm.type',
  }),
  domain: collected('keyword', 'ntlm.domain', 'Domains that clients name in NTLM messages.', {
    path: 'ntlm.domain',
  }),
  host: collected('keyword', 'ntlm.host', 'Workstations that clients name in NTLM messages.', {
    path: 'ntlm.host',
  }),
  targetName: collected('keyword', 'ntlm.target_name', 'Targets (domain or server) of NTLM challenges.', {
    path: 'ntlm.targetName',
  }),
  version: collected('keyword', 'ntlm.version', 'Versions of the operating systems that speak NTLM: major.minor.build.', {
    path: 'ntlm.version',
  }),
  /** The user names of the session. */
  user: userField,
} as const satisfies Record<string, SessionField>;
