// What the SOCKS decoder adds to the session's own record, and what can be wrong.

import { type ArkimeField, defineAnomalies, type SessionField } from '../../record/index.ts';

function single(
  key: string,
  type: SessionField['type'],
  expression: string,
  kind: ArkimeField['kind'],
  meaning: string,
): SessionField {
  return { name: `socks.${key}`, type, many: false, meaning, arkime: { path: `socks.${key}`, expression, kind } };
}

export const ipField = single('ip', 'ip', 'ip.socks', 'ip', 'Address that the client asks the proxy for.');
export const hostField = single('host', 'keyword', 'host.socks', 'lotermfield', 'Host that the client asks for, lower case.');
export const portField = single('port', 'long', 'port.socks', 'integer', 'Port that the client asks for.');
export const nameField = single('user', 'keyword', 'socks.user', 'termfield', 'User as whom the client logs in.');

export const socksFields: readonly SessionField[] = [ipField, hostField, portField, nameField];

export const socksAnomalies = defineAnomalies('socks', {
  bad_message: 'A message is not as RFC 1928, RFC 1929 or SOCKS 4 have it; the session is given up.',
  login_failed: 'The proxy refuses the user name or the password.',
  refused: 'The proxy refuses the request.',
});
