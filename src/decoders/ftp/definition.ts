// FTP as recognition, configuration and the field registry see it.

import { tagsField, userField } from '../../record/index.ts';
import { type DecoderDefinition, type Direction, Verdict } from '../contract.ts';
import { hasEarly, letterBytes } from '../first-bytes.ts';
import { ftpAnomalies } from './anomalies.ts';
import { FtpDecoder } from './decoder.ts';
import { ftpFields } from './fields.ts';
import { type FtpOptions, ftpOptions } from './options.ts';

/** A greeting 220 that says FTP is FTP on any port; without that word, and for commands and other replies, the port decides. */
function probe(_direction: Direction, bytes: Buffer, from: number, to: number): Verdict {
  // Commands have three or four letters.
  const first = bytes[from] as number;
  if (first >= 0x41 && !hasEarly(bytes, from, to, 6, 0x20, 0x0d) && !hasEarly(bytes, from, to, 6, 0x0a, 0x0a)) return Verdict.no;
  const start = bytes.toString('latin1', from, Math.min(to, from + 256));
  if (/^(?:220|120)[ -]/.test(start)) {
    if (/[SL]MTP/.test(start)) return Verdict.no;
    return /^[^\n]*FTP/i.test(start) ? Verdict.certain : Verdict.faint;
  }
  if (/^(?:1|12|120|2|22|220)$/.test(start)) return Verdict.needMore;
  return /^(?:[A-Za-z]{3,4}(?: [^\r\n]+)?|[1-5]\d\d[ -][^\r\n]*)\r?\n/.test(start) ? Verdict.faint : Verdict.no;
}

export const ftpDecoder: DecoderDefinition = {
  name: 'ftp',
  title: 'FTP: commands, files and replies of control connections',
  transports: ['tcp'],
  ports: [21],
  firstBytes: [...letterBytes, ...Buffer.from('12345')],
  records: [],
  sessionFields: [...Object.values(ftpFields), tagsField, userField],
  anomalies: Object.values(ftpAnomalies),
  options: ftpOptions,
  probe,
  create: (context, options) => new FtpDecoder(context, options as unknown as FtpOptions),
};
