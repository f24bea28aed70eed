// What can be wrong with SMTP.

import { defineAnomalies } from '../../record/index.ts';

export const smtpAnomalies = defineAnomalies('smtp', {
  line_too_long: 'A line is longer than max_line_bytes; its rest is not read.',
  bad_chunk_size: 'A BDAT command is not one of RFC 3030; it is passed over, as servers refuse it.',
});
