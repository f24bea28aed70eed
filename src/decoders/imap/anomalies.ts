// What can be wrong with IMAP.

import { defineAnomalies } from '../../record/index.ts';

export const imapAnomalies = defineAnomalies('imap', {
  line_too_long: 'A line is longer than max_line_bytes; its rest is not read.',
});
