// What SOCKS adds to its session's record.

import type { SessionField } from '../../record/index.ts';
import { single } from '../session-field.ts';

export const socksFields = {
  ip: single('ip', 'socks.ip', 'Address that the client asks the proxy for.', {
    path: 'socks.ip',
    expression: 'ip.socks',
  }),
  host: single('keyword', 'socks.host', 'Host that the client asks for, lower case.', {
    path: 'socks.host',
    expression: 'host.socks',
    kind: 'lotermfield',
  }),
  port: single('long', 'socks.port', 'Port that the client asks for.', {
    path: 'socks.port',
    expression: 'port.socks',
  }),
  name: single('keyword', 'socks.user', 'User as whom the client logs in.', { path: 'socks.user' }),
} as const satisfies Record<string, SessionField>;
