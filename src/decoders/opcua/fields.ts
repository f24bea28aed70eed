// What OPC UA adds to its session's record, besides certificates.

import type { SessionField } from '../../record/index.ts';
import { collected } from '../session-field.ts';

export const opcuaFields = {
  endpoint: collected('keyword', 'opcua.endpoint_url', 'Endpoints asked for by hellos.', {
    path: 'opcua.endpointUrl',
  }),
  policy: collected('keyword', 'opcua.security_policy_uri', 'Security policies of opened channels.', {
    path: 'opcua.securityPolicyUri',
  }),
} as const satisfies Record<string, SessionField>;
