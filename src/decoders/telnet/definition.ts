// Telnet (RFC 854) as recognition sees it: the name alone, as its sessions are what people type.

import { Type } from 'typebox';
import { type DecoderDefinition, type Direction, Verdict } from '../contract.ts';
import { telnetSession } from './decoder.ts';

const interpretAsCommand = 0xff;
const will = 0xfb;
const dont = 0xfe;
/** BEL to CR, and what is printed. */
const isText = (byte: number): boolean => (byte >= 0x20 && byte < 0x7f) || (byte >= 7 && byte <= 0x0d);
const textBytes = Array.from({ length: 256 }, (_, byte) => byte).filter(isText);

/** Two option negotiations in a row begin nothing else; one, or text, is Telnet on its port. */
function probe(_direction: Direction, bytes: Buffer, from: number, to: number): Verdict {
  if (bytes[from] !== interpretAsCommand) {
    return isText(bytes[from] as number) ? Verdict.faint : Verdict.no;
  }
  for (let at = from; at < from + 6; at += 3) {
    if (at >= to) return at === from + 3 ? Verdict.maybe : Verdict.needMore;
    if (bytes[at] !== interpretAsCommand) return Verdict.maybe;
    if (at + 1 >= to) return Verdict.needMore;
    const command = bytes[at + 1] as number;
    if (command < will || command > dont) return at === from ? Verdict.no : Verdict.maybe;
    if (at + 2 >= to) return Verdict.needMore;
  }
  return Verdict.certain;
}

export const telnetDecoder: DecoderDefinition = {
  name: 'telnet',
  title: 'Telnet, by name',
  transports: ['tcp'],
  ports: [23],
  firstBytes: [...textBytes, interpretAsCommand],
  records: [],
  sessionFields: [],
  anomalies: [],
  options: Type.Object({}),
  probe,
  create: () => telnetSession,
};
