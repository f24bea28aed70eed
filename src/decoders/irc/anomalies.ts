// What can be wrong with IRC.

import { defineAnomalies } from '../../record/index.ts';

export const ircAnomalies = defineAnomalies('irc', {
  line_too_long: 'A line is longer than 8191 bytes of tags and 512 bytes of message; it is passed over.',
});
