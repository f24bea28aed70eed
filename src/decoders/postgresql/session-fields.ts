// What PostgreSQL adds to the session's own record.

import type { SessionField } from '../../record/index.ts';

export const userField: SessionField = {
  name: 'postgresql.user',
  type: 'keyword',
  many: false,
  meaning: 'User of the start-up message.',
  arkime: { path: 'postgresql.user', expression: 'postgresql.user', kind: 'termfield', linked: true },
};
export const databaseField: SessionField = {
  name: 'postgresql.database',
  type: 'keyword',
  many: false,
  meaning: 'Database of the start-up message.',
  arkime: { path: 'postgresql.db', expression: 'postgresql.db', kind: 'termfield', linked: true },
};
export const applicationField: SessionField = {
  name: 'postgresql.application',
  type: 'keyword',
  many: false,
  meaning: 'Application name of the start-up message.',
  arkime: { path: 'postgresql.app', expression: 'postgresql.app', kind: 'termfield', linked: true },
};
export const postgresqlFields: readonly SessionField[] = [userField, databaseField, applicationField];
