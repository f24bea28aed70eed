// How a Remote Desktop connection begins (MS-RDPBCGR section 2.2.1): the X.224 request with its cookie and what kinds of
// security are offered, the confirmation with the one that is taken, and, without one, the client’s settings in clear. Called
// by the decoder, on a packet worker. Never throws.

import { userField } from '../../record/index.ts';
import { ByteCursor } from '../byte-cursor.ts';
import { type DecoderContext, Verdict } from '../contract.ts';
import { beginVerdict } from '../first-bytes.ts';
import { textOf } from '../wire-text.ts';
import { rdpFields } from './fields.ts';

/** TPKT (RFC 1006), then length indicator, code, references and class of X.224. */
export const headerBytes = 11;
export const Code = { request: 0xe0, confirm: 0xd0, data: 0xf0 } as const;

const cookie = Buffer.from('Cookie: ', 'latin1');
const userCookie = Buffer.from('mstshash=', 'latin1');
const negotiationBytes = 8;
const Negotiation = { request: 1, response: 2, failure: 3 } as const;

/** MS-RDPBCGR section 2.2.1.1.1, each a bit; none of them: the security of RDP itself. */
const protocolNames: readonly (readonly [bit: number, name: string])[] = [
  [0x01, 'ssl'],
  [0x02, 'nla'],
  [0x04, 'rdstls'],
  [0x08, 'nla-ext'],
  [0x10, 'aad'],
];

/** True when `[from, to)` begins with the cookie or token of a request, as far as it is there. */
export function isCookie(bytes: Buffer, from: number, to: number): boolean {
  return to > from && beginVerdict(cookie, bytes, from, to) !== Verdict.no;
}

/** True when `[from, to)` begins with a negotiation of this kind, which says that it has eight bytes. */
export function isNegotiation(bytes: Buffer, from: number, to: number, isRequest: boolean): boolean {
  if (to - from < negotiationBytes || bytes.readUInt16LE(from + 2) !== negotiationBytes) return false;
  const type = bytes[from];
  return isRequest ? type === Negotiation.request : type === Negotiation.response || type === Negotiation.failure;
}

/** Notes user and offers of a request, whose variable part is `[from, to)`. */
export function noteRequest(context: DecoderContext, bytes: Buffer, from: number, to: number): void {
  let at = from;
  if (isCookie(bytes, from, to)) {
    let end = from;
    while (end < to && bytes[end] !== 0x0d) end++;
    const user = from + cookie.length + userCookie.length;
    if (user < end && bytes.compare(userCookie, 0, userCookie.length, from + cookie.length, user) === 0) {
      context.note(userField, textOf(bytes, user, end).toLowerCase());
    }
    at = Math.min(to, end + 2);
  }
  if (!isNegotiation(bytes, at, to, true)) return;
  const offered = bytes.readUInt32LE(at + 4);
  if (offered === 0) context.note(rdpFields.requestedProtocols, 'rdp');
  for (const [bit, name] of protocolNames) if ((offered & bit) !== 0) context.note(rdpFields.requestedProtocols, name);
}

/** Notes the choice of a confirmation, whose variable part is `[from, to)`. @returns true when TLS follows */
export function noteConfirm(context: DecoderContext, bytes: Buffer, from: number, to: number): boolean {
  if (!isNegotiation(bytes, from, to, false) || bytes[from] !== Negotiation.response) return false;
  const chosen = bytes.readUInt32LE(from + 4);
  const name = protocolNames.find(([bit]) => bit === chosen)?.[1];
  context.note(rdpFields.selectedProtocol, chosen === 0 ? 'rdp' : (name ?? `0x${chosen.toString(16)}`));
  return chosen !== 0;
}

/** Key of Microsoft’s in the GCC conference request (T.124): the client’s settings follow, behind their length. */
const settingsKey = Buffer.from('Duca', 'latin1');
const coreData = 0xc001;
const nameBytes = 32;
const cursor = new ByteCursor(Buffer.alloc(0), 0, 0);

/** Notes the client’s settings (MS-RDPBCGR section 2.2.1.3) in the message `[from, to)`. @returns true when they were there */
export function noteSettings(context: DecoderContext, bytes: Buffer, from: number, to: number): boolean {
  const found = bytes.subarray(from, to).indexOf(settingsKey);
  if (found < 0) return false;
  cursor.set(bytes, from + found + settingsKey.length, to);
  // A length of PER: one byte, or two when the top bit is set.
  if (cursor.u8() >= 0x80) cursor.skip(1);
  while (cursor.left >= 4) {
    const type = cursor.u16le();
    const length = cursor.u16le() - 4;
    const at = cursor.take(length);
    if (at < 0) break;
    if (type === coreData) noteCore(context, bytes, at, at + length);
  }
  return true;
}

/** Version, screen, colours and the like take the first twelve bytes. */
function noteCore(context: DecoderContext, bytes: Buffer, from: number, to: number): void {
  if (to - from < 20 + nameBytes) return;
  context.note(
    rdpFields.keyboardLayout,
    `0x${bytes
      .readUInt32LE(from + 12)
      .toString(16)
      .padStart(8, '0')}`,
  );
  context.note(rdpFields.clientBuild, bytes.readUInt32LE(from + 16));
  const name = bytes.toString('utf16le', from + 20, from + 20 + nameBytes).split('\0', 1)[0] as string;
  if (name !== '') context.note(rdpFields.clientName, name.toWellFormed());
}
