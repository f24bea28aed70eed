// What Oracle's connect packets add to their session's record.

import type { SessionField } from '../../record/index.ts';
import { single } from '../session-field.ts';

export const oracleFields = {
  user: single('keyword', 'oracle.user', 'User of the client system, lower case.', {
    path: 'oracle.user',
    kind: 'lotermfield',
    linked: true,
  }),
  host: single('keyword', 'oracle.host', 'First host of the connect descriptor, lower case.', {
    path: 'oracle.host',
    kind: 'lotermfield',
    linked: true,
  }),
  service: single('keyword', 'oracle.service', 'Service that is asked for, lower case.', {
    path: 'oracle.service',
    kind: 'lotermfield',
    linked: true,
  }),
} as const satisfies Record<string, SessionField>;
