// What can be wrong with SOCKS.

import { defineAnomalies } from '../../record/index.ts';

export const socksAnomalies = defineAnomalies('socks', {
  bad_message: 'A message is not as RFC 1928, RFC 1929 or SOCKS 4 have it; the session is given up.',
  login_failed: 'The proxy refuses the user name or the password.',
  refused: 'The proxy refuses the request.',
});
