// Credentials as Arkime's document has them: the scheme, the user name of Basic and Digest (RFC 7617, RFC 7616), never the
// password or the digest. Called for each request that carries some.

import type { DecoderContext } from '../contract.ts';
import { noteSecurityTokenBase64 } from '../ntlm/index.ts';
import { textOf } from '../wire-text.ts';
import { authTypeField, loginField } from './fields.ts';

const SP = 0x20;
const HT = 0x09;

/** Longest value that is looked at, in characters. */
const mostCharacters = 4096;

export function noteAuthorization(context: DecoderContext, whole: string): void {
  const value = whole.slice(0, mostCharacters).trimStart();
  const space = value.indexOf(' ');
  if (space <= 0) return;
  const scheme = value.slice(0, space).toLowerCase();
  const rest = value.slice(space).trimStart();
  context.note(authTypeField, scheme);
  let user = '';
  // Some put a token of their own behind Basic.
  if (scheme === 'basic' && !rest.startsWith('token=')) {
    const decoded = Buffer.from(rest, 'base64');
    const colon = decoded.indexOf(0x3a);
    user = textOf(decoded, 0, colon < 0 ? decoded.length : colon);
  } else if (scheme === 'digest') {
    const match = /(?:^|[\s,])username=\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^\s,]+))/i.exec(rest);
    user = match?.[1]?.replace(/\\(.)/g, '$1') ?? match?.[2] ?? match?.[3] ?? '';
  }
  if (user !== '') context.note(loginField, user);
}

/**
 * Notes the NTLM message of a request's credentials or a response's challenge, the value `bytes[from, to)` of its header
 * (RFC 4559 has the same form for Negotiate). Called for such headers whatever document is written.
 */
export function noteNtlmHeader(context: DecoderContext, bytes: Buffer, from: number, to: number): void {
  let at = from;
  while (at < to && (bytes[at] as number) > SP) at++;
  if (at - from !== 4 && at - from !== 9) return;
  const scheme = bytes.toString('latin1', from, at).toLowerCase();
  if (scheme !== 'ntlm' && scheme !== 'negotiate') return;
  while (at < to && (bytes[at] === SP || bytes[at] === HT)) at++;
  noteSecurityTokenBase64(context, bytes, at, to);
}
