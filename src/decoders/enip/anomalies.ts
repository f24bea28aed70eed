// What can be wrong with EtherNet/IP.

import { defineAnomalies } from '../../record/index.ts';

export const enipAnomalies = defineAnomalies('enip', {
  bad_command: 'Where a message must begin there is no command; the session is given up.',
  cut_message: 'A datagram ends within a message.',
});
