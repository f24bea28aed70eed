// What the IRC decoder adds to the session's own record, and what can be wrong.

import { defineAnomalies, type SessionField } from '../../record/index.ts';
import { collected } from '../collected-field.ts';

export const nickField = collected('keyword', 'irc.nick', 'Nicknames that were asked for (NICK).', { path: 'irc.nick' });
export const channelField = collected(
  'keyword',
  'irc.channel',
  'Channels that were asked for (JOIN), as sent: a list stays one.',
  {
    path: 'irc.channel',
  },
);

export const ircFields: readonly SessionField[] = [nickField, channelField];

export const ircAnomalies = defineAnomalies('irc', {
  line_too_long: 'A line is longer than 8191 bytes of tags and 512 bytes of message; it is passed over.',
});
