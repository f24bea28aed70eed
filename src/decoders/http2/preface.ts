// What a client of HTTP/2 sends first (RFC 9113 section 3.4): made so that servers of HTTP/1 refuse it.

import { Verdict } from '../contract.ts';

export const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

export function probePreface(bytes: Buffer, from: number, to: number): Verdict {
  const length = Math.min(preface.length, to - from);
  if (bytes.compare(preface, 0, length, from, from + length) !== 0) return Verdict.no;
  return length === preface.length ? Verdict.certain : Verdict.needMore;
}
