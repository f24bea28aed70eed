// Notes what the header fields of a message say: who to whom, about what, by which way. Called by the message reader for
// each field of a message's own header, and by IMAP, on a packet worker.

import type { SessionField } from '../../record/index.ts';
import type { DecoderContext } from '../contract.ts';
import type { HeaderField } from '../header-fields.ts';
import { addressLiteral, mailAddresses, traceOf } from './addresses.ts';
import { decodedHeaderText } from './encoded-word.ts';
import { mailFields } from './fields.ts';

export interface MailSettings {
  /** Names and values of fields without a session field of their own are noted. */
  readonly headerValues: boolean;
  /** Names, in lower case, of fields whose values are addresses in brackets. */
  readonly ipHeaders: ReadonlySet<string>;
  /** Fields, by their names in lower case, that have a session field by configuration. */
  readonly ownHeaders: ReadonlyMap<string, HeaderField>;
  readonly magic: boolean;
  readonly sha256: boolean;
  readonly maxHeaderBytes: number;
  readonly maxHeaders: number;
}

/** As text of the record: UTF-8 where it is, else Latin-1. */
function plainText(raw: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII
  if (/^[\x00-\x7f]*$/.test(raw)) return raw;
  const text = Buffer.from(raw, 'latin1').toString();
  return text.includes('\ufffd') ? raw : text;
}

/** `<a@b>` is `a@b`. */
function unbracketed(value: string): string {
  return value.startsWith('<') ? value.slice(1, value.endsWith('>') ? -1 : undefined) : value;
}

/** What the first brackets enclose; all of it without brackets. */
function bracketed(value: string): string {
  const open = value.indexOf('[');
  const close = open < 0 ? -1 : value.indexOf(']', open);
  return close < 0 ? value : value.slice(open + 1, close);
}

/** Notes a field that has a session field here. @param raw what stands behind the colon, unfolded, a character each byte. @returns false when it has none */
export function noteMailHeader(context: DecoderContext, name: string, raw: string): boolean {
  const note = (field: SessionField, text: string): void => {
    if (text !== '') context.note(field, text);
  };
  switch (name) {
    case 'from':
      for (const address of mailAddresses(raw)) context.note(mailFields.from, plainText(address).toLowerCase());
      return true;
    case 'to':
    case 'cc':
    case 'bcc':
      for (const address of mailAddresses(raw)) context.note(mailFields.to, plainText(address).toLowerCase());
      return true;
    case 'subject':
      note(mailFields.subject, decodedHeaderText(raw.startsWith(' ') ? raw.slice(1) : raw));
      return true;
    case 'message-id':
      note(mailFields.messageId, plainText(unbracketed(raw.trim())));
      return true;
    case 'content-type':
      note(mailFields.contentType, plainText(raw.trim()));
      return true;
    case 'mime-version':
      note(mailFields.mimeVersion, plainText(raw.trim()));
      return true;
    case 'x-mailer':
    case 'user-agent':
      note(mailFields.mailer, plainText(raw.trim()));
      return true;
    case 'received': {
      const { hosts, addresses } = traceOf(raw);
      for (const host of hosts) context.note(mailFields.host, plainText(host).toLowerCase());
      for (const address of addresses) context.note(mailFields.ip, address);
      return true;
    }
    default:
      return false;
  }
}

export class MailHeaders {
  readonly #context: DecoderContext;
  readonly #settings: MailSettings;

  constructor(context: DecoderContext, settings: MailSettings) {
    this.#context = context;
    this.#settings = settings;
  }

  /** @param raw what stands behind the colon, unfolded, a character each byte */
  field(name: string, raw: string): void {
    const context = this.#context;
    context.note(mailFields.header, name);
    if (noteMailHeader(context, name, raw)) return;
    const settings = this.#settings;
    const value = raw.trim();
    const own = settings.ownHeaders.get(name);
    if (own !== undefined) {
      this.#own(own, value);
    } else if (settings.ipHeaders.has(name)) {
      const address = addressLiteral(bracketed(value));
      if (address !== undefined) context.note(mailFields.ip, address);
    } else if (settings.headerValues) {
      context.note(mailFields.headerField, name);
      context.note(mailFields.headerValue, plainText(value));
    }
  }

  #own({ type, field }: HeaderField, value: string): void {
    const context = this.#context;
    if (type === 'integer') {
      context.note(field, Number(/^[+-]?\d{1,10}/.exec(value)?.[0] ?? 0));
    } else if (type === 'ip') {
      const address = addressLiteral(bracketed(value));
      if (address !== undefined) context.note(field, address);
    } else {
      const text = plainText(value);
      context.note(field, type === 'lower' ? text.toLowerCase() : text);
    }
  }
}
