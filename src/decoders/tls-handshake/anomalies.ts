// What the TLS decoder reports as not being as it should.

import { defineAnomalies } from '../../record/index.ts';

export const tlsAnomalies = defineAnomalies('tls', {
  bad_record: 'A record header has an unknown content type, version or length; decoding of the session stopped.',
  bad_handshake: 'A handshake message has an unknown type; the rest of that direction’s handshake is ignored.',
  bad_hello: 'A ClientHello or ServerHello breaks its own length fields; what lies before the fault is kept.',
  bad_certificate: 'A Certificate message or the X.509 certificate in it could not be read.',
  bad_alert: 'An alert before encryption has a length other than 2.',
  oversized_handshake:
    'A hello or Certificate message is longer than max_handshake_bytes; its start was decoded, the rest passed over.',
  unexpected_message: 'A second ClientHello or ServerHello came without a HelloRetryRequest, or both sides sent the same hello.',
  lost_sync: 'After lost bytes no record header was found within the length of a record; that direction is ignored from there.',
});
