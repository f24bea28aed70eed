// What memcached adds to its session's record.

import { collected } from '../../../src/decoders/session-field.ts';
import type { SessionField } from '../../../src/record/index.ts';

export const memcachedFields = {
  command: collected('keyword', 'memcached.command', 'Commands sent.', { path: 'memcached.cmd', kind: 'lotermfield' }),
} as const satisfies Record<string, SessionField>;
