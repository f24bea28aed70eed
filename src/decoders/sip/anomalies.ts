// What can be wrong with SIP.

import { defineAnomalies } from '../../record/index.ts';

export const sipAnomalies = defineAnomalies('sip', {
  line_too_long: 'A line is longer than max_line_bytes; its rest is not read.',
  bad_length: 'A Content-Length is no number.',
});
