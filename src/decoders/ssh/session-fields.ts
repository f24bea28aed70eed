// What SSH adds to the session's own record.

import type { SessionField } from '../../record/index.ts';

export const versionField: SessionField = {
  name: 'ssh.version',
  type: 'keyword',
  many: true,
  meaning: 'Identification strings of both sides, lower case (RFC 4253 section 4.2).',
  arkime: { path: 'ssh.version', expression: 'ssh.ver', kind: 'lotermfield', count: 'Cnt' },
};
export const keyField: SessionField = {
  name: 'ssh.host_key',
  type: 'keyword',
  many: true,
  meaning: 'Host keys in base64, as in a known_hosts file (RFC 4253 section 6.6).',
  arkime: { path: 'ssh.key', expression: 'ssh.key', kind: 'termfield', count: 'Cnt' },
};
export const hasshField: SessionField = {
  name: 'ssh.hassh',
  type: 'keyword',
  many: true,
  meaning: 'HASSH of the client: MD5 of the algorithms that it offers.',
  arkime: { path: 'ssh.hassh', expression: 'ssh.hassh', kind: 'lotermfield', count: 'Cnt' },
};
export const hasshServerField: SessionField = {
  name: 'ssh.hassh_server',
  type: 'keyword',
  many: true,
  meaning: 'HASSH of the server: MD5 of the algorithms that it offers.',
  arkime: { path: 'ssh.hasshServer', expression: 'ssh.hasshServer', kind: 'lotermfield', count: 'Cnt' },
};
export const sshFields: readonly SessionField[] = [versionField, keyField, hasshField, hasshServerField];
