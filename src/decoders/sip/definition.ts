// SIP as recognition, configuration and the field registry see it.

import { type DecoderDefinition, type Direction, Verdict } from '../contract.ts';
import { letterBytes, wordsBegin } from '../first-bytes.ts';
import { sipAnomalies } from './anomalies.ts';
import { SipDecoder } from './decoder.ts';
import { sipFields } from './fields.ts';
import { type SipOptions, sipOptions } from './options.ts';

/** Methods that are registered (IANA, SIP parameters), the start of answers, and line ends that keep a connection alive. */
const mayBegin = wordsBegin([
  ...['INVITE', 'ACK', 'OPTIONS', 'BYE', 'CANCEL', 'REGISTER', 'PRACK', 'SUBSCRIBE', 'NOTIFY', 'PUBLISH', 'INFO', 'REFER'],
  ...['MESSAGE', 'UPDATE', 'SIP/2.0', '\r\n\r\n'],
]);

/** A start line that ends in or begins with `SIP/2.0` is certain. */
function probe(_direction: Direction, bytes: Buffer, from: number, to: number): Verdict {
  const first = bytes[from] as number;
  if (first !== 0x0d && first !== 0x0a && !mayBegin(bytes, from, to)) return Verdict.no;
  const start = bytes.toString('latin1', from, Math.min(to, from + 256)).replace(/^[\r\n]{1,8}/, '');
  if (start.startsWith('SIP/2.0 ')) return Verdict.certain;
  if ('SIP/2.0 '.startsWith(start)) return Verdict.needMore;
  const request = /^[A-Z]{3,20}(?: (?:sips?|tel|urn|im|pres)(?::[^\n]*(\n)?)?)?/i.exec(start);
  if (request === null) return Verdict.no;
  if (/^[^\n]* SIP\/2\.0\r?\n/.test(start)) return Verdict.certain;
  // A line longer than what is kept for probing.
  if (start.length >= 240 && /^[A-Z]{3,20} (?:sips?|tel):[^\n]*$/.test(start)) return Verdict.certain;
  return request[1] === undefined && request[0].length === start.length ? Verdict.needMore : Verdict.no;
}

export const sipDecoder: DecoderDefinition = {
  name: 'sip',
  title: 'SIP: methods, statuses, parties of calls',
  transports: ['udp', 'tcp', 'sctp'],
  ports: [5060],
  firstBytes: [...letterBytes, 0x0a, 0x0d],
  records: [],
  sessionFields: Object.values(sipFields),
  anomalies: Object.values(sipAnomalies),
  options: sipOptions,
  probe,
  create: (context, options) => new SipDecoder(context, options as unknown as SipOptions),
};
