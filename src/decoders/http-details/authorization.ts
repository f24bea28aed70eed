// Credentials as Arkime's document has them: the scheme, the user name of Basic and Digest (RFC 7617, RFC 7616), never the
// password or the digest. Called for each request that carries some.

import type { DecoderContext } from '../contract.ts';
import { noteNtlmBase64 } from '../ntlm/index.ts';
import { textOf } from '../wire-text.ts';
import { authTypeField, loginField } from './fields.ts';

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

/** Notes the NTLM message of a request's credentials or a response's challenge (RFC 4559 has the same form for Negotiate). */
export function noteNtlmHeader(context: DecoderContext, value: string): void {
  const match = /^(?:ntlm|negotiate)[ \t]+([A-Za-z0-9+/]+={0,2})$/i.exec(value);
  if (match?.[1] === undefined) return;
  const token = Buffer.from(match[1], 'latin1');
  noteNtlmBase64(context, token, 0, token.length);
}
