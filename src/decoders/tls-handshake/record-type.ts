// The `tls` record, one a handshake, and what a handshake adds to its session’s record. Read by encoders and by
// `ringtap fields`.

import { defineRecordType, type Field, type JsonText, type SessionField } from '../../record/index.ts';
import { ecsOutcomeTexts, outcomeTexts, protocolField } from '../ecs-fields.ts';
import { AlertLevel, alertDescription } from './alerts.ts';
import { certificateFields } from './certificate-fields.ts';
import type { Handshake } from './handshake.ts';
import { namedGroup } from './named-groups.ts';

const fields: readonly Field<Handshake>[] = [
  protocolField('tls'),
  {
    name: 'event.outcome',
    type: 'keyword',
    meaning:
      '`success`: a ServerHello came and no fatal alert; `failure`: an alert, a reset or no answer; `unknown`: bytes were lost.',
    value: (h) => ecsOutcomeTexts[h.outcome],
  },
  {
    name: 'event.duration',
    type: 'long',
    meaning: 'Nanoseconds from the first byte of the ClientHello to the last of the ServerHello.',
    value: (h) => (h.responseUs < 0 ? undefined : h.responseUs * 1000),
  },
  {
    name: 'tls.outcome',
    type: 'keyword',
    meaning: '`success`, `failure` (alert), `unanswered`, `reset`, or `truncated` (bytes of the handshake were lost).',
    value: (h) => outcomeTexts[h.outcome],
  },
  {
    name: 'tls.established',
    type: 'boolean',
    meaning: 'Keys were in use both ways: ChangeCipherSpec up to 1.2, encrypted records from 1.3 on.',
    value: (h) => h.established,
  },
  {
    name: 'tls.established_us',
    type: 'long',
    meaning: 'Microseconds from the first byte of the ClientHello to `tls.established`.',
    value: (h) => (h.establishedUs < 0 ? undefined : h.establishedUs),
  },
  {
    name: 'tls.version',
    type: 'keyword',
    meaning: 'Version in use: 1.2, 1.3, 3.0 for SSL 3. Without a ServerHello there is none.',
    value: (h) => h.server.answer?.versionText,
  },
  {
    name: 'tls.version_protocol',
    type: 'keyword',
    meaning: '`tls` or `ssl`.',
    value: (h) => h.server.answer?.versionProtocol,
  },
  { name: 'tls.cipher', type: 'keyword', meaning: 'Cipher suite in use, IANA name.', value: cipherInUse },
  {
    name: 'tls.curve',
    type: 'keyword',
    meaning: 'Group of the key exchange, IANA name (RFC 8446 section 4.2.7); 1.3, and elliptic curves before.',
    value: (h) => (h.group < 0 ? undefined : namedGroup(h.group)),
  },
  {
    name: 'tls.next_protocol',
    type: 'keyword',
    meaning: 'Protocol that the server chose (ALPN, RFC 7301); encrypted in 1.3.',
    value: (h) => h.server.answer?.alpnJson,
  },
  {
    name: 'tls.resumed',
    type: 'boolean',
    meaning: 'An earlier session was resumed by id, ticket or pre-shared key.',
    value: (h) => (h.server.answer === undefined ? undefined : h.resumed),
  },
  {
    name: 'tls.hello_retry_request',
    type: 'boolean',
    meaning: 'The server asked for another ClientHello (RFC 8446 section 4.1.4); the first one is recorded.',
    value: (h) => h.retried || undefined,
  },
  {
    name: 'tls.alert.description',
    type: 'keyword',
    meaning: 'Alert in the clear, the fatal one if there was one (RFC 8446 section 6).',
    value: (h) => (h.alertDescription < 0 ? undefined : alertDescription(h.alertDescription)),
  },
  {
    name: 'tls.alert.level',
    type: 'keyword',
    meaning: '`warning` or `fatal`.',
    value: (h) => (h.alertDescription < 0 ? undefined : h.alertLevel === AlertLevel.fatal ? 'fatal' : 'warning'),
  },
  {
    name: 'tls.alert.source',
    type: 'keyword',
    meaning: 'Who sent the alert: `client` or `server`.',
    value: (h) => (h.alertDescription < 0 ? undefined : h.alertFromClient ? 'client' : 'server'),
  },
  {
    name: 'tls.client.server_name',
    type: 'keyword',
    meaning: 'Server name indication, as sent (RFC 6066 section 3).',
    value: (h) => h.client.serverName,
  },
  {
    name: 'tls.client.supported_ciphers',
    type: 'keyword',
    many: true,
    meaning: 'Cipher suites that the client offers, in order, without GREASE.',
    value: (h) => (h.options.supported_ciphers ? h.client.offer?.cipherNames : undefined),
  },
  {
    name: 'tls.client.supported_groups',
    type: 'keyword',
    many: true,
    meaning: 'Groups that the client offers, in order, without GREASE.',
    value: (h) => (h.options.supported_ciphers ? h.client.offer?.groupNames : undefined),
  },
  {
    name: 'tls.client.supported_versions',
    type: 'keyword',
    many: true,
    meaning: 'Versions that the client offers in the extension of that name, without GREASE.',
    value: (h) => (h.options.supported_ciphers ? h.client.offer?.versionNames : undefined),
  },
  {
    name: 'tls.client.version',
    type: 'keyword',
    meaning: 'Version field of the ClientHello; from 1.3 on 1.2, see `tls.client.supported_versions`.',
    value: (h) => h.client.offer?.versionText,
  },
  {
    name: 'tls.client.alpn',
    type: 'keyword',
    many: true,
    meaning: 'Protocols that the client offers (ALPN), in order.',
    value: (h) => h.client.offer?.alpnNames,
  },
  { name: 'tls.client.ja3', type: 'keyword', meaning: 'JA3 fingerprint of the ClientHello, MD5.', value: (h) => h.ja3?.json },
  {
    name: 'tls.client.ja3_string',
    type: 'keyword',
    meaning: 'What JA3 is the hash of. By option `ja3_strings`.',
    value: (h) => (h.options.ja3_strings ? h.ja3?.sourceJson : undefined),
  },
  { name: 'tls.client.ja4', type: 'keyword', meaning: 'JA4 fingerprint of the ClientHello.', value: (h) => h.ja4?.json },
  {
    name: 'tls.client.ja4_r',
    type: 'keyword',
    meaning: 'JA4 with its lists in clear. By option `ja4_raw`.',
    value: (h) => (h.options.ja4_raw ? h.ja4?.sourceJson : undefined),
  },
  {
    name: 'tls.client.early_data',
    type: 'boolean',
    meaning: 'The client announced early data (RFC 8446 section 4.2.10).',
    value: (h) => h.client.offer?.earlyData || undefined,
  },
  {
    name: 'tls.client.ech',
    type: 'boolean',
    meaning: 'The ClientHello carries an encrypted one (or GREASE for it): the server name may be a cover.',
    value: (h) => h.client.offer?.encryptedHello || undefined,
  },
  {
    name: 'tls.client.session_id',
    type: 'keyword',
    meaning: 'Session id of the ClientHello, hex. By option `session_ids`.',
    value: (h) => (h.options.session_ids ? h.client.sessionId.hex() : undefined),
  },
  ...certificateFields<Handshake>('tls.client', (h) => h.clientChain),
  { name: 'tls.server.ja3s', type: 'keyword', meaning: 'JA3S fingerprint of the ServerHello, MD5.', value: (h) => h.ja3s?.json },
  {
    name: 'tls.server.ja3s_string',
    type: 'keyword',
    meaning: 'What JA3S is the hash of. By option `ja3_strings`.',
    value: (h) => (h.options.ja3_strings ? h.ja3s?.sourceJson : undefined),
  },
  {
    name: 'tls.server.session_id',
    type: 'keyword',
    meaning: 'Session id of the ServerHello, hex. By option `session_ids`.',
    value: (h) => (h.options.session_ids ? h.server.sessionId.hex() : undefined),
  },
  ...certificateFields<Handshake>('tls.server', (h) => h.serverChain),
];

export const tlsRecordType = defineRecordType<Handshake>({
  name: 'tls',
  meaning: 'A TLS or SSL handshake: what was offered, what was chosen, who showed which certificate.',
  fields,
});

/** Fields of the session’s own record. */
export const tlsNotes = {
  serverName: note('tls.client.server_name', 'Server name indication.'),
  ja3: note('tls.client.ja3', 'JA3 fingerprint of the ClientHello.'),
  ja4: note('tls.client.ja4', 'JA4 fingerprint of the ClientHello.'),
  ja3s: note('tls.server.ja3s', 'JA3S fingerprint of the ServerHello.'),
  version: note('tls.version', 'Version in use.'),
  cipher: note('tls.cipher', 'Cipher suite in use, IANA name.'),
  subjectName: {
    name: 'tls.server.x509.subject.common_name',
    type: 'keyword',
    many: true,
    meaning: 'Common names of the server certificate’s subject.',
  },
} as const satisfies Record<string, SessionField>;

function note(name: string, meaning: string): SessionField {
  return { name, type: 'keyword', many: false, meaning };
}

function cipherInUse(handshake: Handshake): JsonText | undefined {
  const { answer, complete } = handshake.server;
  return answer === undefined || (answer.cipherSuite === 0 && !complete) ? undefined : answer.cipherJson;
}
