// What the DTLS decoder reports as not being as it should.

import { defineAnomalies } from '../../record/index.ts';

export const dtlsAnomalies = defineAnomalies('dtls', {
  bad_record: 'A record in clear is longer than its datagram.',
  bad_fragment: 'A fragment of a handshake message does not fit its record or its message.',
});
