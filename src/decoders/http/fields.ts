// What HTTP adds to its session's record.

import type { SessionField } from '../../record/index.ts';
import { collected, single } from '../session-field.ts';

export const httpFields = {
  domain: collected('keyword', 'url.domain', 'Hosts asked for.'),
  method: collected('keyword', 'http.request.method', 'Request methods.'),
  userAgent: collected('keyword', 'user_agent.original', 'User-Agent headers.'),
  status: collected('long', 'http.response.status_code', 'Statuses of final responses.'),
  server: collected('keyword', 'http.response.server', 'Server headers.'),
  upgrade: collected('keyword', 'http.upgrade', 'What the connection went over to: the protocol of a 101 response, or connect.'),
  requestCount: single('long', 'http.request.count', 'HTTP requests of the whole session.'),
} as const satisfies Record<string, SessionField>;
