// What SIP adds to its session's record.

import type { SessionField } from '../../record/index.ts';
import { collected } from '../session-field.ts';

export const sipFields = {
  method: collected('keyword', 'sip.method', 'Methods of requests.', { path: 'sip.method' }),
  status: collected('long', 'sip.status_code', 'Status codes of responses.', { path: 'sip.statuscode' }),
  user: collected('keyword', 'sip.user', 'User parts of the addresses in From and To.', { path: 'sip.user' }),
  from: collected('keyword', 'sip.from', 'From of requests and responses.', { path: 'sip.from' }),
  to: collected('keyword', 'sip.to', 'To of requests and responses.', { path: 'sip.to' }),
  callId: collected('keyword', 'sip.call_id', 'Calls: Call-ID.', { path: 'sip.callid' }),
  via: collected('keyword', 'sip.via', 'Via: the way of requests.', { path: 'sip.via' }),
  contact: collected('keyword', 'sip.contact', 'Contact: where parties are reached.', { path: 'sip.contact' }),
  userAgent: collected('keyword', 'sip.user_agent', 'User-Agent of requests and responses.', {
    path: 'sip.useragent',
    expression: 'sip.user-agent',
  }),
} as const satisfies Record<string, SessionField>;
