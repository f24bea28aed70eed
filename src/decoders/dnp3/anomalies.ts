// What can be wrong with DNP3.

import { defineAnomalies } from '../../record/index.ts';

export const dnp3Anomalies = defineAnomalies('dnp3', {
  bad_start: 'Where a frame must begin there are no start bytes, or its length is less than 5; the next start is searched.',
  cut_frame: 'A datagram ends within a frame.',
});
