// What VNC adds to its session's record.

import type { SessionField } from '../../record/index.ts';
import { single } from '../session-field.ts';

export const vncFields = {
  clientVersion: single('keyword', 'vnc.client_version', 'RFB version of the client: 003.008.'),
  serverVersion: single('keyword', 'vnc.server_version', 'RFB version of the server: 003.008.'),
} as const satisfies Record<string, SessionField>;
