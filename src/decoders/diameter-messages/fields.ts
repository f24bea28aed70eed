// What Diameter adds to its session's record, whatever carries it.

import type { SessionField } from '../../record/index.ts';
import { type ArkimePlace, collected } from '../session-field.ts';

const texts = (name: string, meaning: string, path: string, expression = path): ReturnType<typeof collected> => {
  const arkime: ArkimePlace = { path: `diameter.${path}`, expression: `diameter.${expression}` };
  return collected('keyword', `diameter.${name}`, meaning, arkime);
};

export const diameterFields = {
  command: texts('command', 'Commands with direction and code: `Credit-Control-Request (272)`.', 'cmd'),
  application: texts('application', 'Applications with their identifiers: `3GPP-Gx (16777238)`.', 'app'),
  originHost: texts('origin_host', 'Origin-Host (RFC 6733 section 6.3).', 'originHost', 'origin-host'),
  originRealm: texts('origin_realm', 'Origin-Realm (RFC 6733 section 6.4).', 'originRealm', 'origin-realm'),
  destinationHost: texts('destination_host', 'Destination-Host (RFC 6733 section 6.5).', 'destHost', 'dest-host'),
  destinationRealm: texts('destination_realm', 'Destination-Realm (RFC 6733 section 6.6).', 'destRealm', 'dest-realm'),
  sessionId: texts('session_id', 'Session-Id (RFC 6733 section 8.8).', 'sessionId', 'session-id'),
  user: texts('user', 'User-Name (RFC 6733 section 8.14).', 'user'),
  resultCode: collected('long', 'diameter.result_code', 'Result-Code (RFC 6733 section 7.1).', {
    path: 'diameter.resultCode',
  }),
} as const satisfies Record<string, SessionField>;
