// What SSH adds to its session's record.

import type { SessionField } from '../../record/index.ts';
import { collected } from '../session-field.ts';

export const sshFields = {
  version: collected('keyword', 'ssh.version', 'Identification strings of both sides, lower case (RFC 4253 section 4.2).', {
    path: 'ssh.version',
    expression: 'ssh.ver',
    kind: 'lotermfield',
  }),
  key: collected('keyword', 'ssh.host_key', 'Host keys in base64, as in a known_hosts file (RFC 4253 section 6.6).', {
    path: 'ssh.key',
  }),
  hassh: collected('keyword', 'ssh.hassh', 'HASSH of the client: MD5 of the algorithms that it offers.', {
    path: 'ssh.hassh',
    kind: 'lotermfield',
  }),
  hasshServer: collected('keyword', 'ssh.hassh_server', 'HASSH of the server: MD5 of the algorithms that it offers.', {
    path: 'ssh.hasshServer',
    kind: 'lotermfield',
  }),
} as const satisfies Record<string, SessionField>;
