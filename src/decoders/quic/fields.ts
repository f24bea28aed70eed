// What QUIC adds to its session's record, besides what TLS hellos say.

import { collected } from '../session-field.ts';

export const quicFields = {
  host: collected('keyword', 'quic.host', 'Hosts asked for in hellos of Google’s QUIC (SNI), lower case.', {
    path: 'quic.host',
    expression: 'host.quic',
    kind: 'lotermfield',
  }),
  userAgent: collected('keyword', 'quic.user_agent', 'User agents in hellos of Google’s QUIC (UAID).', {
    path: 'quic.useragent',
    expression: 'quic.user-agent',
  }),
  version: collected('keyword', 'quic.version', 'Versions in hellos of Google’s QUIC (VER): Q043.', { path: 'quic.version' }),
};
