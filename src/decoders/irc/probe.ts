// Is a stream IRC? Asked with the first bytes of each direction, on a packet worker. Other protocols of lines have commands with the
// same names (USER and PASS of FTP and POP3), so those count only with more of what IRC sends beside them.

import { probeLimitBytes, Verdict } from '../contract.ts';
import { beginVerdict } from '../first-bytes.ts';

const certainStarts = ['NICK ', 'CAP REQ ', 'CAP LS', 'NOTICE AUTH ', 'NOTICE * '].map((text) => Buffer.from(text));
const companions = ['USER ', 'PASS '].map((text) => Buffer.from(text));
const nick = Buffer.from('\nNICK ');
const notice = Buffer.from('NOTICE ');

const SP = 0x20;
const LF = 0x0a;
const COLON = 0x3a;

export function probeIrc(bytes: Buffer, from: number, to: number): Verdict {
  if (bytes[from] === COLON) return probeServerLine(bytes, from, to);
  let answer: Verdict = Verdict.no;
  for (const start of certainStarts) {
    const match = beginVerdict(start, bytes, from, to);
    if (match === Verdict.certain) return match;
    if (match === Verdict.needMore) answer = match;
  }
  for (const start of companions) {
    const match = beginVerdict(start, bytes, from, to);
    if (match === Verdict.no) continue;
    if (match === Verdict.needMore) answer = match;
    else return probeCompanion(bytes, from, to);
  }
  return answer;
}

/** `:server 001 nick :…` or `:server NOTICE …`. */
function probeServerLine(bytes: Buffer, from: number, to: number): Verdict {
  let at = from + 1;
  while (at < to && (bytes[at] as number) > SP) at++;
  if (at === to) return to - from < probeLimitBytes ? Verdict.needMore : Verdict.no;
  if (at === from + 1 || bytes[at] !== SP) return Verdict.no;
  const match = beginVerdict(notice, bytes, at + 1, to);
  if (match !== Verdict.no) return match;
  for (let digit = 0; digit < 3; digit++) {
    if (at + 1 + digit >= to) return Verdict.needMore;
    const byte = bytes[at + 1 + digit] as number;
    if (byte < 0x30 || byte > 0x39) return Verdict.no;
  }
  if (at + 4 >= to) return Verdict.needMore;
  return bytes[at + 4] === SP ? Verdict.certain : Verdict.no;
}

/** USER or PASS: IRC when NICK follows, or when USER brings the four parameters of RFC 2812 section 3.1.3. */
function probeCompanion(bytes: Buffer, from: number, to: number): Verdict {
  let end = from;
  let words = 0;
  let hasRealName = false;
  while (end < to && bytes[end] !== LF) {
    if (bytes[end] === SP && !hasRealName) {
      words++;
      hasRealName = words === 4 && end + 1 < to && bytes[end + 1] === COLON;
    }
    end++;
  }
  if (end === to) return to - from < probeLimitBytes ? Verdict.needMore : Verdict.no;
  if (bytes[from] === 0x55 && hasRealName) return Verdict.certain;
  return beginVerdict(nick, bytes, end, to) === Verdict.certain ? Verdict.certain : Verdict.no;
}
