// What can be wrong with QUIC.

import { defineAnomalies } from '../../record/index.ts';

export const quicAnomalies = defineAnomalies('quic', {
  bad_hello: 'A client hello breaks its own length fields; what lies before the fault is kept.',
  bad_initial: 'An Initial packet could not be decrypted with the keys that its version and connection id give.',
});
