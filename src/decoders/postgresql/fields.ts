// What PostgreSQL adds to its session's record.

import type { SessionField } from '../../record/index.ts';
import { single } from '../session-field.ts';

export const postgresqlFields = {
  user: single('keyword', 'postgresql.user', 'User of the start-up message.', {
    path: 'postgresql.user',
    linked: true,
  }),
  database: single('keyword', 'postgresql.database', 'Database of the start-up message.', {
    path: 'postgresql.db',
    linked: true,
  }),
  application: single('keyword', 'postgresql.application', 'Application name of the start-up message.', {
    path: 'postgresql.app',
    linked: true,
  }),
} as const satisfies Record<string, SessionField>;
