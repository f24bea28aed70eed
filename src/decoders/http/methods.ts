// Request methods: which ones are known, and their strings without making new ones. Asked for every request line and by
// the probe, on a packet worker.

import { repeatedText } from './wire-text.ts';

/** The IANA registry of methods (RFC 9110 section 16.1) and what is met besides (UPnP, WebDAV clients, RPC over HTTP, caches, Icecast). */
export const knownMethodNames: readonly string[] = [
  'GET POST HEAD PUT DELETE OPTIONS CONNECT TRACE PATCH ACL BASELINE-CONTROL BIND CHECKIN CHECKOUT COPY LABEL LINK LOCK',
  'MERGE MKACTIVITY MKCALENDAR MKCOL MKREDIRECTREF MKWORKSPACE MOVE ORDERPATCH PROPFIND PROPPATCH QUERY REBIND REPORT',
  'SEARCH UNBIND UNCHECKOUT UNLINK UNLOCK UPDATE UPDATEREDIRECTREF VERSION-CONTROL NOTIFY SUBSCRIBE UNSUBSCRIBE M-SEARCH',
  'PURGE BAN RPC_CONNECT RPC_IN_DATA RPC_OUT_DATA BCOPY BDELETE BMOVE BPROPFIND BPROPPATCH POLL X-MS-ENUMATTS SOURCE',
  'CCM_POST SMS_POST DEBUG TRACK BITS_POST',
]
  .join(' ')
  .split(' ');

const knownMethods = new Set(knownMethodNames);

/** Longest method that is taken for one. */
export const maxMethodBytes = 32;

export function methodText(bytes: Buffer, from: number, to: number): string {
  const first = bytes[from];
  const second = bytes[from + 1];
  if (to - from === 3 && first === 0x47 && second === 0x45 && bytes[from + 2] === 0x54) return 'GET';
  return repeatedText(bytes, from, to);
}

export function isKnownMethod(method: string): boolean {
  return knownMethods.has(method);
}

/** Is `bytes[from, to)` a known method? Allocates nothing. */
export function matchesKnownMethod(bytes: Uint8Array, from: number, to: number): boolean {
  for (const name of knownMethodNames) {
    if (name.length !== to - from) continue;
    let at = 0;
    while (at < name.length && name.charCodeAt(at) === bytes[from + at]) at++;
    if (at === name.length) return true;
  }
  return false;
}
