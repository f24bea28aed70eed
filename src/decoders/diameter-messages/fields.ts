// What a session's record says of Diameter, whatever carries it.

import { defineAnomalies } from '../../record/index.ts';
import { type CollectedArkimeField, collected } from '../collected-field.ts';

const texts = (name: string, meaning: string, path: string, expression = path): ReturnType<typeof collected> => {
  const arkime: CollectedArkimeField = { path: `diameter.${path}`, expression: `diameter.${expression}` };
  return collected('keyword', `diameter.${name}`, meaning, arkime);
};

export const commandField = texts('command', 'Commands with direction and code: `Credit-Control-Request (272)`.', 'cmd');
export const applicationField = texts('application', 'Applications with their identifiers: `3GPP-Gx (16777238)`.', 'app');
export const originHostField = texts('origin_host', 'Origin-Host (RFC 6733 section 6.3).', 'originHost', 'origin-host');
export const originRealmField = texts('origin_realm', 'Origin-Realm (RFC 6733 section 6.4).', 'originRealm', 'origin-realm');
export const destinationHostField = texts(
  'destination_host',
  'Destination-Host (RFC 6733 section 6.5).',
  'destHost',
  'dest-host',
);
export const destinationRealmField = texts(
  'destination_realm',
  'Destination-Realm (RFC 6733 section 6.6).',
  'destRealm',
  'dest-realm',
);
export const sessionIdField = texts('session_id', 'Session-Id (RFC 6733 section 8.8).', 'sessionId', 'session-id');
export const userField = texts('user', 'User-Name (RFC 6733 section 8.14).', 'user');
export const resultCodeField = collected('long', 'diameter.result_code', 'Result-Code (RFC 6733 section 7.1).', {
  path: 'diameter.resultCode',
});

export const diameterFields = [
  commandField,
  applicationField,
  originHostField,
  originRealmField,
  destinationHostField,
  destinationRealmField,
  sessionIdField,
  userField,
  resultCodeField,
];

export const diameterAnomalies = defineAnomalies('diameter', {
  bad_header: 'Where a message must begin the version is not 1, or the length less than a header; the session is given up.',
  bad_avp: 'An AVP is shorter than its header, or ends behind its message; the rest of the message is not read.',
});
