// What PANA adds to its session's record.

import type { SessionField } from '../../record/index.ts';
import { collected } from '../session-field.ts';

export const panaFields = {
  user: collected('keyword', 'pana.user', 'Identities given by EAP (RFC 3748 section 5.1).', {
    path: 'pana.user',
  }),
  type: collected('keyword', 'pana.message_type', 'Messages: client-initiation, auth, termination, notification.', {
    path: 'pana.msgType',
    expression: 'pana.msg-type',
  }),
  session: collected('keyword', 'pana.session_id', 'Session identifiers, hex.', {
    path: 'pana.sessionId',
    expression: 'pana.session-id',
  }),
} as const satisfies Record<string, SessionField>;
