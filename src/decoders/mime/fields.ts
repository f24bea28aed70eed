// What mail protocols tell of the messages they carry, in their session's record. Declared and noted by SMTP and IMAP.

import { collected, orEmpty, repeated } from '../session-field.ts';

export const mailFields = {
  from: orEmpty(
    collected('keyword', 'email.from.address', 'Senders: of the envelope (empty of bounces) and of From, lower case.', {
      path: 'email.src',
      kind: 'lotermfield',
    }),
  ),
  to: collected('keyword', 'email.to.address', 'Recipients: of the envelope and of To, Cc and Bcc, lower case.', {
    path: 'email.dst',
    kind: 'lotermfield',
  }),
  subject: collected('keyword', 'email.subject', 'Subjects, decoded (RFC 2047).', { path: 'email.subject', utf8: true }),
  messageId: collected('keyword', 'email.message_id', 'Message-ID without its brackets.', {
    path: 'email.id',
    expression: 'email.message-id',
  }),
  contentType: collected('keyword', 'email.content_type', 'Content-Type of messages, with its parameters.', {
    path: 'email.contentType',
    expression: 'email.content-type',
  }),
  mimeVersion: collected('keyword', 'email.mime_version', 'MIME-Version.', {
    path: 'email.mimeVersion',
    expression: 'email.mime-version',
  }),
  mailer: collected('keyword', 'email.x_mailer', 'X-Mailer and User-Agent.', {
    path: 'email.useragent',
    expression: 'email.x-mailer',
  }),
  header: collected('keyword', 'email.header', 'Names of all header fields, lower case.', {
    path: 'email.header',
    expression: 'email.has-header',
    kind: 'lotermfield',
  }),
  headerField: repeated('keyword', 'email.header_field', 'Names of header fields without a field of their own.', {
    path: 'email.headerField',
    expression: 'email.has-header.name',
    counted: false,
  }),
  headerValue: repeated('keyword', 'email.header_value', 'Their values, in the same order.', {
    path: 'email.headerValue',
    expression: 'email.has-header.value',
  }),
  host: collected('keyword', 'email.received.host', 'Hosts that Received fields name.', {
    path: 'email.host',
    expression: 'host.email',
    kind: 'lotermfield',
  }),
  ip: collected('ip', 'email.received.ip', 'Addresses in Received fields, and in those that ip_headers names.', {
    path: 'email.ip',
    expression: 'ip.email',
  }),
  fileName: collected('keyword', 'email.attachments.file.name', 'Names of attached files.', {
    path: 'email.filename',
    expression: 'email.fn',
    utf8: true,
  }),
  fileType: collected('keyword', 'email.attachments.file.mime_type', 'Content-Type of parts that it gives a name.', {
    path: 'email.fileContentType',
    expression: 'email.file-content-type',
  }),
  fileMagic: collected(
    'keyword',
    'email.attachments.file.detected_type',
    'What the contents of parts in base64 are by their first bytes.',
    { path: 'email.bodyMagic', expression: 'email.bodymagic' },
  ),
  fileMd5: collected('keyword', 'email.attachments.file.hash.md5', 'MD5 of the contents of parts in base64.', {
    path: 'email.md5',
  }),
  fileSha256: collected('keyword', 'email.attachments.file.hash.sha256', 'SHA-256 of the contents of parts in base64.', {
    path: 'email.sha256',
  }),
} as const;
