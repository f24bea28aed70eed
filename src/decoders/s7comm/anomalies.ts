// What can be wrong with S7 communication.

import { defineAnomalies } from '../../record/index.ts';

export const s7commAnomalies = defineAnomalies('s7comm', {
  bad_packet: 'Where a packet must begin the version is not 3, or the length is less than 7; the session is given up.',
});
