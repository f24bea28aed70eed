// What can be wrong with synchrophasors.

import { defineAnomalies } from '../../record/index.ts';

export const synchrophasorAnomalies = defineAnomalies('synchrophasor', {
  bad_start: 'Where a frame must begin there is no start, or a length or type that no frame has; the next start is searched.',
  cut_frame: 'A datagram ends within a frame.',
});
