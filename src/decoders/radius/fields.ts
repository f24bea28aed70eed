// What RADIUS adds to its session's record.

import type { SessionField } from '../../record/index.ts';
import { collected } from '../session-field.ts';

export const radiusFields = {
  messageType: collected('keyword', 'radius.message_type', 'Kinds of messages: access-request, …', {
    path: 'radius.msgType',
    kind: 'lotermfield',
  }),
  user: collected('keyword', 'radius.user', 'User names.', { path: 'radius.user', counted: false }),
  mac: collected('keyword', 'radius.mac', 'Hardware addresses of the stations that ask (Calling-Station-Id).', {
    path: 'radius.mac',
    kind: 'lotermfield',
  }),
  endpointIp: collected('ip', 'radius.endpoint_ip', 'Addresses of tunnel clients (RFC 2868 §3.3).', {
    path: 'radius.endpointIp',
    expression: 'radius.endpoint-ip',
  }),
  framedIp: collected('ip', 'radius.framed_ip', 'Addresses given to users.', {
    path: 'radius.framedIp',
    expression: 'radius.framed-ip',
  }),
  nasIp: collected('ip', 'radius.nas_ip', 'Addresses of the access servers that ask.', { path: 'radius.nasIp' }),
  nasPort: collected('long', 'radius.nas_port', 'Ports of the access servers that the users are at.', {
    path: 'radius.nasPort',
  }),
} as const satisfies Record<string, SessionField>;
