// What can be wrong with POP3.

import { defineAnomalies } from '../../record/index.ts';

export const pop3Anomalies = defineAnomalies('pop3', {
  line_too_long: 'A line of the client is longer than max_line_bytes; its rest is not read.',
});
