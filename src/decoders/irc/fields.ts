// What IRC adds to its session's record.

import type { SessionField } from '../../record/index.ts';
import { collected } from '../session-field.ts';

export const ircFields = {
  nick: collected('keyword', 'irc.nick', 'Nicknames that were asked for (NICK).', { path: 'irc.nick' }),
  channel: collected('keyword', 'irc.channel', 'Channels that were asked for (JOIN), as sent: a list stays one.', {
    path: 'irc.channel',
  }),
} as const satisfies Record<string, SessionField>;
