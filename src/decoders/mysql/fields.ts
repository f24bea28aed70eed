// What MySQL adds to its session's record.

import type { SessionField } from '../../record/index.ts';
import { single } from '../session-field.ts';

export const mysqlFields = {
  user: single('keyword', 'mysql.user', 'User that logs in, lower case.', {
    path: 'mysql.user',
    kind: 'lotermfield',
    linked: true,
  }),
  version: single('keyword', 'mysql.version', 'Version that the server greets with.', {
    path: 'mysql.version',
    expression: 'mysql.ver',
    linked: true,
  }),
} as const satisfies Record<string, SessionField>;
