// What Oracle's connect packets add to the session's own record.

import type { SessionField } from '../../record/index.ts';

export const userField: SessionField = {
  name: 'oracle.user',
  type: 'keyword',
  many: false,
  meaning: 'User of the client system, lower case.',
  arkime: { path: 'oracle.user', expression: 'oracle.user', kind: 'lotermfield', linked: true },
};
export const hostField: SessionField = {
  name: 'oracle.host',
  type: 'keyword',
  many: false,
  meaning: 'First host of the connect descriptor, lower case.',
  arkime: { path: 'oracle.host', expression: 'oracle.host', kind: 'lotermfield', linked: true },
};
export const serviceField: SessionField = {
  name: 'oracle.service',
  type: 'keyword',
  many: false,
  meaning: 'Service that is asked for, lower case.',
  arkime: { path: 'oracle.service', expression: 'oracle.service', kind: 'lotermfield', linked: true },
};
export const oracleFields: readonly SessionField[] = [userField, hostField, serviceField];
