// SMTP as recognition, configuration and the field registry see it.

import { tagsField, userField } from '../../record/index.ts';
import { type DecoderDefinition, type Direction, Verdict } from '../contract.ts';
import { wordsBegin } from '../first-bytes.ts';
import { mailFields } from '../mime/index.ts';
import { saslFields } from '../sasl/index.ts';
import { smtpAnomalies } from './anomalies.ts';
import { SmtpDecoder } from './decoder.ts';
import { fieldsOfHeaders, smtpFields } from './fields.ts';
import { type SmtpOptions, smtpOptions } from './options.ts';

const hellos = ['HELO ', 'EHLO ', 'LHLO '];

/** Commands and replies in the middle of a session. */
const midstream =
  /^(?:(?:HELO|EHLO|LHLO|QUIT|RSET|NOOP|DATA|STARTTLS|(?:AUTH|VRFY|EXPN|HELP|BDAT) [^\r\n]+)|[2-5]\d\d[ -][^\r\n]*)\r?\n/i;

const mayBegin = wordsBegin([
  ...['HELO', 'EHLO', 'LHLO', 'MAIL', 'RCPT', 'QUIT', 'RSET', 'NOOP', 'DATA', 'STARTTLS', 'AUTH', 'VRFY', 'EXPN', 'HELP'],
  'BDAT',
]);

/** Of the commands and replies that are known here. */
const firstBytes = [...Buffer.from('ABDEHLMNQRSVabdehlmnqrsv2345')];

/** A greeting that says SMTP or LMTP, or a client's hello, is SMTP on any port; another greeting with 220, and other commands and replies, on its own ones only. */
function probe(_direction: Direction, bytes: Buffer, from: number, to: number): Verdict {
  if ((bytes[from] as number) >= 0x41 && !mayBegin(bytes, from, to)) return Verdict.no;
  const start = bytes.toString('latin1', from, Math.min(to, from + 256));
  if (start.startsWith('220 ') || start.startsWith('220-')) {
    if (/[SL]MTP/.test(start)) return Verdict.certain;
    if (/\bFTP/i.test(start)) return Verdict.no;
    return /^220 [^\n]*\n/.test(start) || start.length >= 256 ? Verdict.faint : Verdict.needMore;
  }
  const command = start.slice(0, 5).toUpperCase();
  if (hellos.includes(command)) return Verdict.certain;
  if (/^(?:MAIL FROM:|RCPT TO:)/i.test(start)) return Verdict.certain;
  const mayBecome = [...hellos, '220 ', '220-', 'MAIL FROM:', 'RCPT TO:'];
  if (mayBecome.some((each) => each.startsWith(start.toUpperCase()))) return Verdict.needMore;
  return midstream.test(start) ? Verdict.faint : Verdict.no;
}

export const smtpDecoder: DecoderDefinition = {
  name: 'smtp',
  title: 'SMTP and LMTP, with the messages they carry',
  transports: ['tcp'],
  ports: [25, 587, 2525],
  firstBytes,
  namesItself: true,
  records: [],
  sessionFields: [...Object.values(smtpFields), tagsField, userField, ...Object.values(mailFields), ...Object.values(saslFields)],
  configuredFields: (options) => fieldsOfHeaders(options as unknown as SmtpOptions),
  anomalies: Object.values(smtpAnomalies),
  options: smtpOptions,
  probe,
  create: (context, options) => new SmtpDecoder(context, options as unknown as SmtpOptions),
};
