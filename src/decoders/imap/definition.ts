// IMAP as recognition, configuration and the field registry see it.

import { userField } from '../../record/index.ts';
import { type DecoderDefinition, type Direction, Verdict } from '../contract.ts';
import { hasEarly, letterBytes } from '../first-bytes.ts';
import { mailFields } from '../mime/index.ts';
import { saslFields } from '../sasl/index.ts';
import { imapAnomalies } from './anomalies.ts';
import { ImapDecoder } from './decoder.ts';
import { imapFields } from './fields.ts';
import { type ImapOptions, imapOptions } from './options.ts';

const greetings = ['* OK', '* PREAUTH', '* BYE'];
const firstCommand = /^[A-Za-z0-9.]{1,20} (?:CAPABILITY|LOGIN \S|AUTHENTICATE \S|STARTTLS|ID [(N]|SELECT \S|EXAMINE \S)/i;

/** A greeting that names IMAP is certain; other greetings, and first commands with a tag, are likely. */
function probe(_direction: Direction, bytes: Buffer, from: number, to: number): Verdict {
  // A tag or `*`, and a blank behind it.
  if (bytes[from] !== 0x2a && !hasEarly(bytes, from, to, 21, 0x20, 0x20)) return Verdict.no;
  const start = bytes.toString('latin1', from, Math.min(to, from + 256));
  if (greetings.some((greeting) => start.startsWith(greeting))) {
    if (/^[^\n]*IMAP/i.test(start)) return Verdict.certain;
    return start.includes('\n') ? Verdict.maybe : Verdict.needMore;
  }
  if (greetings.some((greeting) => greeting.startsWith(start))) return Verdict.needMore;
  return firstCommand.test(start) ? Verdict.maybe : Verdict.no;
}

export const imapDecoder: DecoderDefinition = {
  name: 'imap',
  title: 'IMAP: mailboxes, users, headers of fetched messages',
  transports: ['tcp'],
  ports: [143],
  firstBytes: [...letterBytes, ...Buffer.from('*.0123456789')],
  records: [],
  sessionFields: [
    ...[mailFields.from, mailFields.to, mailFields.subject, imapFields.folder, userField],
    ...Object.values(saslFields),
  ],
  anomalies: Object.values(imapAnomalies),
  options: imapOptions,
  probe,
  create: (context, options) => new ImapDecoder(context, options as unknown as ImapOptions),
};
