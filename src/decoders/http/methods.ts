// Request methods: which ones are known, and what follows from them. Asked for every request line and by
// the probe, on a packet worker.

import { JsonText } from '../../record/index.ts';

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

/** Longest method that is taken for one. */
export const maxMethodBytes = 32;

/** A request method. Known ones are one object each, so that they are told apart by it. */
export class Method {
  readonly name: string;
  /** As records say it. */
  readonly json: JsonText;
  readonly isKnown: boolean;
  readonly isConnect: boolean;
  readonly isHead: boolean;

  constructor(name: string, isKnown: boolean) {
    this.name = name;
    this.json = JsonText.of(name);
    this.isKnown = isKnown;
    this.isConnect = name === 'CONNECT';
    this.isHead = name === 'HEAD';
  }
}

const knownMethods = new Map(knownMethodNames.map((name) => [name, new Method(name, true)]));
/** Of a response without request. */
export const noMethod = new Method('', false);
const get = knownMethods.get('GET') as Method;
const post = knownMethods.get('POST') as Method;

/** The method `bytes[from, to)`, which is a token. */
export function methodOf(bytes: Buffer, from: number, to: number): Method {
  const word = ((bytes[from] as number) << 16) | ((bytes[from + 1] as number) << 8) | (bytes[from + 2] as number);
  if (to - from === 3 && word === 0x474554) return get;
  if (to - from === 4 && word === 0x504f53 && bytes[from + 3] === 0x54) return post;
  const name = bytes.toString('latin1', from, to);
  return knownMethods.get(name) ?? new Method(name, false);
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
