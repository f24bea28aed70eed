// What QUIC sessions note besides what TLS hellos say, and what is odd about them.

import { defineAnomalies } from '../../record/index.ts';
import { collected } from '../collected-field.ts';

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

export const quicAnomalies = defineAnomalies('quic', {
  bad_hello: 'A client hello breaks its own length fields; what lies before the fault is kept.',
  bad_initial: 'An Initial packet could not be decrypted with the keys that its version and connection id give.',
});
