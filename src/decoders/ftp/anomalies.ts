// What can be wrong with FTP.

import { defineAnomalies } from '../../record/index.ts';

export const ftpAnomalies = defineAnomalies('ftp', {
  line_too_long: 'A line is longer than max_line_bytes; its rest is not read.',
});
