// What mail protocols tell of the messages they carry, in their session's record. Declared and noted by SMTP and IMAP.

import type { SessionField } from '../../record/index.ts';
import { collected } from '../collected-field.ts';

type Arkime = NonNullable<SessionField['arkime']>;

function text(
  name: string,
  meaning: string,
  path: string,
  expression: string,
  more: Partial<Arkime> = {},
  count: Pick<Arkime, 'count'> = { count: 'Cnt' },
): SessionField {
  return {
    name,
    type: 'keyword',
    many: true,
    meaning,
    arkime: { path: `email.${path}`, expression, kind: 'termfield', ...count, ...more },
  };
}

/** A list in pairs with another one. */
function paired(field: SessionField): SessionField {
  return { ...field, repeats: true };
}

const lower = { kind: 'lotermfield' } as const;
const utf8 = { utf8: true } as const;

export const mailFields = {
  from: text('email.from.address', 'Senders: of the envelope and of From, lower case.', 'src', 'email.src', lower),
  to: text('email.to.address', 'Recipients: of the envelope and of To, Cc and Bcc, lower case.', 'dst', 'email.dst', lower),
  subject: text('email.subject', 'Subjects, decoded (RFC 2047).', 'subject', 'email.subject', utf8),
  messageId: text('email.message_id', 'Message-ID without its brackets.', 'id', 'email.message-id'),
  contentType: text('email.content_type', 'Content-Type of messages, with its parameters.', 'contentType', 'email.content-type'),
  mimeVersion: text('email.mime_version', 'MIME-Version.', 'mimeVersion', 'email.mime-version'),
  mailer: text('email.x_mailer', 'X-Mailer and User-Agent.', 'useragent', 'email.x-mailer'),
  header: text('email.header', 'Names of all header fields, lower case.', 'header', 'email.has-header', lower),
  headerField: paired(
    text(
      'email.header_field',
      'Names of header fields without a field of their own.',
      'headerField',
      'email.has-header.name',
      {},
      {},
    ),
  ),
  headerValue: paired(text('email.header_value', 'Their values, in the same order.', 'headerValue', 'email.has-header.value')),
  host: text('email.received.host', 'Hosts that Received fields name.', 'host', 'host.email', lower),
  ip: collected('ip', 'email.received.ip', 'Addresses in Received fields, and in those that ip_headers names.', {
    path: 'email.ip',
    expression: 'ip.email',
  }),
  fileName: text('email.attachments.file.name', 'Names of attached files.', 'filename', 'email.fn', utf8),
  fileType: text(
    'email.attachments.file.mime_type',
    'Content-Type of parts that it gives a name.',
    'fileContentType',
    'email.file-content-type',
  ),
  fileMagic: text(
    'email.attachments.file.detected_type',
    'What the contents of parts in base64 are by their first bytes.',
    'bodyMagic',
    'email.bodymagic',
  ),
  fileMd5: text('email.attachments.file.hash.md5', 'MD5 of the contents of parts in base64.', 'md5', 'email.md5'),
  fileSha256: text('email.attachments.file.hash.sha256', 'SHA-256 of the contents of parts in base64.', 'sha256', 'email.sha256'),
} as const;

export const folderField = text('email.folder', 'Mailboxes that were opened.', 'folder', 'email.folder', utf8);
