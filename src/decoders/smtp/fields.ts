// What SMTP adds to its session's record besides the mail it carries, and what reading that needs of the options.

import type { SessionField } from '../../record/index.ts';
import { headerFieldOf } from '../header-fields.ts';
import type { MailSettings } from '../mime/index.ts';
import { collected } from '../session-field.ts';
import type { SmtpOptions } from './options.ts';

export const smtpFields = {
  hello: collected('keyword', 'smtp.hello', 'What clients call themselves in HELO, EHLO and LHLO, lower case.', {
    path: 'email.smtpHello',
    expression: 'email.smtp-hello',
    kind: 'lotermfield',
  }),
} as const satisfies Record<string, SessionField>;

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
