// Who a request claims to be: the scheme and the user name of Authorization (RFC 9110 section 11.6.2), never the
// password, token or digest. Called for requests that carry credentials, on a packet worker.

import { textOf } from '../wire-text.ts';
import type { HttpTransaction } from './transaction.ts';

/** Longest Basic credentials that are decoded, in base64 characters. */
const maxBasicBytes = 1024;
const maxSchemeBytes = 32;

/** Reads the value `bytes[from, to)` of Authorization or Proxy-Authorization. */
export function readCredentials(bytes: Buffer, from: number, to: number, transaction: HttpTransaction): void {
  let at = from;
  while (at < to && bytes[at] !== 0x20) at++;
  // A value that is no scheme with a space after it may be a bare token, which is a secret.
  if (at === to || at - from > maxSchemeBytes) return;
  const scheme = textOf(bytes, from, at).toLowerCase();
  transaction.authScheme = scheme;
  while (at < to && bytes[at] === 0x20) at++;
  if (scheme === 'basic') {
    const decoded = Buffer.from(textOf(bytes, at, Math.min(to, at + maxBasicBytes)), 'base64');
    const colon = decoded.indexOf(0x3a);
    if (colon > 0) transaction.userName = textOf(decoded, 0, colon);
  } else if (scheme === 'digest') {
    const match = /(?:^|[\s,])username="((?:[^"\\]|\\.){1,256})"/i.exec(textOf(bytes, at, Math.min(to, at + 4096)));
    if (match?.[1] !== undefined) transaction.userName = match[1].replace(/\\(.)/g, '$1');
  }
}
