// POP3 as recognition, configuration and the field registry see it.

import { tagsField, userField } from '../../record/index.ts';
import { type DecoderDefinition, type Direction, Verdict } from '../contract.ts';
import { wordsBegin } from '../first-bytes.ts';
import { saslFields } from '../sasl/index.ts';
import { pop3Anomalies } from './anomalies.ts';
import { Pop3Decoder } from './decoder.ts';
import { type Pop3Options, pop3Options } from './options.ts';

const mayBegin = wordsBegin(['+OK', 'CAPA', 'STLS', 'APOP', 'USER', 'AUTH']);

/** `+OK` with text is POP3's greeting; alone it could be another protocol's. A client's first command says less. */
function probe(_direction: Direction, bytes: Buffer, from: number, to: number): Verdict {
  if (!mayBegin(bytes, from, to)) return Verdict.no;
  const start = bytes.toString('latin1', from, Math.min(to, from + 256));
  if (start.startsWith('+OK')) {
    if (/^\+OK[^\n]*\bPOP3?\b/i.test(start)) return Verdict.certain;
    if (!start.includes('\n') && start.length < 256) return Verdict.needMore;
    return start[3] === ' ' ? Verdict.maybe : Verdict.faint;
  }
  if ('+OK'.startsWith(start)) return Verdict.needMore;
  if (/^(?:CAPA|STLS)\r?\n/i.test(start) || /^APOP \S+ [0-9a-f]{32}\r?\n/i.test(start)) return Verdict.maybe;
  return /^(?:USER \S+|AUTH(?: \S+)*)\r?\n/i.test(start) ? Verdict.faint : Verdict.no;
}

export const pop3Decoder: DecoderDefinition = {
  name: 'pop3',
  title: 'POP3: who signs in and how',
  transports: ['tcp'],
  ports: [110],
  firstBytes: [...Buffer.from('+CcSsAaUu')],
  records: [],
  sessionFields: [tagsField, userField, ...Object.values(saslFields)],
  anomalies: Object.values(pop3Anomalies),
  options: pop3Options,
  probe,
  create: (context, options) => new Pop3Decoder(context, options as unknown as Pop3Options),
};
