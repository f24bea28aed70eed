// What MySQL adds to the session's own record.

import type { SessionField } from '../../record/index.ts';

export const userField: SessionField = {
  name: 'mysql.user',
  type: 'keyword',
  many: false,
  meaning: 'User that logs in, lower case.',
  arkime: { path: 'mysql.user', expression: 'mysql.user', kind: 'lotermfield', linked: true },
};
export const versionField: SessionField = {
  name: 'mysql.version',
  type: 'keyword',
  many: false,
  meaning: 'Version that the server greets with.',
  arkime: { path: 'mysql.version', expression: 'mysql.ver', kind: 'termfield', linked: true },
};
export const mysqlFields: readonly SessionField[] = [userField, versionField];
