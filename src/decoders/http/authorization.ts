// Credentials as Arkime's document has them: the scheme, the user name of Basic and Digest (RFC 7617, RFC 7616), never the
// password or the digest. Called for each request that carries some.

import type { DecoderContext } from '../contract.ts';
import { textOf } from '../wire-text.ts';
import { authTypeField, loginField } from './arkime-fields.ts';

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
