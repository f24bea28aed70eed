// What SMTP adds to its session's record besides the mail it carries, what can be wrong, and `[decoder.smtp]`.

import { type Static, Type } from 'typebox';
import { defineAnomalies, type SessionField } from '../../record/index.ts';
import { headerFieldOf, headerFieldPattern } from '../header-fields.ts';
import type { MailSettings } from '../mime/index.ts';

export const helloField: SessionField = {
  name: 'smtp.hello',
  type: 'keyword',
  many: true,
  meaning: 'What clients call themselves in HELO, EHLO and LHLO, lower case.',
  arkime: { path: 'email.smtpHello', expression: 'email.smtp-hello', kind: 'lotermfield', count: 'Cnt' },
};

export const anomalies = defineAnomalies('smtp', {
  line_too_long: 'A line is longer than max_line_bytes; its rest is not read.',
  bad_chunk_size: 'A BDAT command is not one of RFC 3030; it is passed over, as servers refuse it.',
});

export const smtpOptions = Type.Object({
  max_line_bytes: Type.Integer({
    description: 'Longest line that is read, in bytes.',
    default: 8192,
    minimum: 512,
    maximum: 1_048_576,
  }),
  max_header_bytes: Type.Integer({
    description: 'Longest header field of a message that is read, unfolded, in bytes.',
    default: 16_384,
    minimum: 512,
    maximum: 1_048_576,
  }),
  max_headers: Type.Integer({
    description: 'Most header fields of one message that are read.',
    default: 500,
    minimum: 8,
    maximum: 10_000,
  }),
  header_values: Type.Boolean({
    description: 'Record names and values of all header fields of messages that have no field of their own.',
    default: false,
  }),
  header_fields: Type.Array(Type.String({ pattern: headerFieldPattern }), {
    description:
      "Header fields of messages that get a field email.header-<name> in Arkime's session document, each as name[:text|lower|integer|ip][:count]; count writes the number of values beside it.",
    default: [],
    maxItems: 64,
  }),
  ip_headers: Type.Array(Type.String({ minLength: 1, maxLength: 128 }), {
    description: 'Header fields whose values are addresses.',
    default: ['x-originating-ip', 'x-barracuda-apparent-source-ip'],
    maxItems: 64,
  }),
  sha256: Type.Boolean({ description: 'Record the SHA-256 of attachments besides their MD5.', default: false }),
  magic: Type.Boolean({ description: 'Record what attachments are by their first bytes.', default: true }),
});

export type SmtpOptions = Static<typeof smtpOptions>;

const ownNames = {
  name: 'email.headers.',
  path: 'email.header-',
  expression: 'email.',
  meaning: 'Values of the header field',
};

const known = new WeakMap<object, MailSettings>();

/** What reading messages needs of the options; the same object for the same table. */
export function mailSettingsOf(options: SmtpOptions): MailSettings {
  let settings = known.get(options);
  if (settings === undefined) {
    settings = {
      headerValues: options.header_values,
      ipHeaders: new Set(options.ip_headers.map((name) => name.toLowerCase())),
      ownHeaders: new Map(options.header_fields.map((entry) => headerFieldOf(entry, ownNames)).map((own) => [own.header, own])),
      magic: options.magic,
      sha256: options.sha256,
      maxHeaderBytes: options.max_header_bytes,
      maxHeaders: options.max_headers,
    };
    known.set(options, settings);
  }
  return settings;
}

/** The session fields that an options table makes of header fields. */
export function fieldsOfHeaders(options: SmtpOptions): readonly SessionField[] {
  return [...mailSettingsOf(options).ownHeaders.values()].map(({ field }) => field);
}
