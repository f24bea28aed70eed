// Tokens of security packages, as protocols carry them that leave the choice of the package to GSS-API or SSPI: NTLM as it is, or
// in SPNEGO (RFC 4178 section 4.2). Called by the decoders of those protocols, on packet workers. Never throws.

import { BerCursor, Tag } from '../ber-cursor.ts';
import type { DecoderContext } from '../contract.ts';
import { isNtlm, noteNtlm } from './message.ts';

/** A NegTokenInit lies in an application item with the mechanism's name before it; a NegTokenResp stands alone, and some write the other so. */
const initialToken = 0x60;
const initialChoice = 0xa0;
const responseChoice = 0xa1;
/** mechToken of a NegTokenInit, responseToken of a NegTokenResp. */
const tokenItem = 0xa2;

/** Most characters of base64 that are read: tokens with every attribute are far shorter. */
const maxBase64Bytes = 16_384;
/** As many tell whether NTLM is in a token. */
const headBase64Bytes = 256;
const base64Text = /^[A-Za-z0-9+/]+={0,2}$/;

/**
 * Notes what NTLM says in the token `[from, to)`, if NTLM is in it.
 * @returns type of the message, 1 to 3; 0 when there is none
 */
export function noteSecurityToken(context: DecoderContext, bytes: Buffer, from: number, to: number): number {
  const message = ntlmIn(bytes, from, to);
  return message === undefined ? 0 : noteNtlm(context, bytes, message.from, message.to);
}

/** The same for a token in base64, as HTTP, SMTP, IMAP and POP3 carry it: `bytes[from, to)` is the base64 text alone. */
export function noteSecurityTokenBase64(context: DecoderContext, bytes: Buffer, from: number, to: number): number {
  if (to - from < 16 || to - from > maxBase64Bytes) return 0;
  // What base64 makes of the first bits of `NTLMSSP`, of an initial token, and of both choices.
  const first = bytes[from];
  if (first !== 0x54 && first !== 0x59 && first !== 0x6f) return 0;
  const text = bytes.toString('latin1', from, to);
  const head = Buffer.from(text.slice(0, headBase64Bytes), 'base64');
  if (ntlmIn(head, 0, head.length) === undefined || !base64Text.test(text)) return 0;
  const token = Buffer.from(text, 'base64');
  return noteSecurityToken(context, token, 0, token.length);
}

/** Where the message of NTLM is in a token; the token may be cut, and with it the message. */
function ntlmIn(bytes: Buffer, from: number, to: number): { readonly from: number; readonly to: number } | undefined {
  if (isNtlm(bytes, from, to)) return { from, to };
  const message = negotiatedIn(bytes, from, to);
  return message !== undefined && isNtlm(bytes, message.from, message.to) ? message : undefined;
}

/**
 * The mechanism's token in a token of SPNEGO: a cursor that has just read it.
 * @param initials false: only that of a response
 */
export function negotiatedIn(bytes: Buffer, from: number, to: number, initials = true): BerCursor | undefined {
  const first = bytes[from];
  if (from >= to || (first !== initialToken && first !== initialChoice && first !== responseChoice)) return undefined;
  let outer = new BerCursor(bytes, from, to);
  if (!outer.nextCut()) return undefined;
  if (outer.tag !== responseChoice && !initials) return undefined;
  if (outer.tag === initialToken) {
    outer = outer.inside();
    if (!outer.expect(Tag.oid) || !outer.expectCut(initialChoice)) return undefined;
  } else if (outer.tag !== initialChoice && outer.tag !== responseChoice) return undefined;
  const sequence = outer.inside();
  if (!sequence.expectCut(Tag.sequence)) return undefined;
  const items = sequence.inside();
  while (items.nextCut()) {
    if (items.tag !== tokenItem) continue;
    const token = items.inside();
    return token.expectCut(Tag.octetString) ? token : undefined;
  }
  return undefined;
}
