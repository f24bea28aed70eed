// What BGP adds to its session's record.

import type { SessionField } from '../../record/index.ts';
import { collected } from '../session-field.ts';

export const bgpFields = {
  type: collected('keyword', 'bgp.type', 'Types of messages: OPEN, UPDATE, NOTIFICATION, KEEPALIVE, ROUTE-REFRESH.', {
    path: 'bgp.type',
    kind: 'uptermfield',
    counted: false,
  }),
} as const satisfies Record<string, SessionField>;
