// What can be wrong with memcached.

import { defineAnomalies } from '../../../src/record/index.ts';

export const memcachedAnomalies = defineAnomalies('memcached', {
  line_too_long: 'A line is longer than max_line_bytes; the session is given up.',
  bad_length: 'The length of a block is no number; the session is given up.',
  unexpected_reply: 'The server replies although no command is open.',
  too_many_pending: 'More commands are open than max_pending; the oldest counts as unanswered.',
});
