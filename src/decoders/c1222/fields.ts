// What C12.22 adds to its session's record.

import type { SessionField } from '../../record/index.ts';
import { collected } from '../session-field.ts';

const text = (name: string, path: string, meaning: string): SessionField =>
  collected('keyword', `c1222.${name}`, meaning, { path: `c1222.${path}` });
export const number = (name: string, path: string, meaning: string): SessionField =>
  collected('long', `c1222.${name}`, meaning, { path: `c1222.${path}` });

export const c1222Fields = {
  calledTitle: text('called_ap_title', 'calledApTitle', 'Titles of called nodes, object identifiers.'),
  callingTitle: text('calling_ap_title', 'callingApTitle', 'Titles of calling nodes, object identifiers.'),
  calledNumber: number('called_ap_invocation_id', 'calledApInvocationId', 'Invocations that answers are to.'),
  callingNumber: number('calling_ap_invocation_id', 'callingApInvocationId', 'Invocations of calling nodes.'),
  security: text('security_mode', 'securityMode', 'Security: cleartext, cleartext-with-auth, ciphertext-with-auth.'),
  response: text('response_control', 'responseControl', 'When answers are wanted: always, on-exception, never.'),
} as const satisfies Record<string, SessionField>;
