// OpenVPN's packets (doc/doxygen of OpenVPN 2, "network protocol"): opcode and key id, session id, perhaps the HMAC of
// `tls-auth` with a packet id and time, acknowledgements, message id, payload. Nothing says whether there is an HMAC: it shows
// in the first packet of each side, which has no payload and so a length of its own. Used by probe and decoder. Never throws.

import { readU16, readU32 } from '../big-endian.ts';

export const Opcode = {
  softReset: 3,
  control: 4,
  acknowledgement: 5,
  data: 6,
  clientReset: 7,
  serverReset: 8,
  data2: 9,
  clientReset3: 10,
} as const;

/** Answers of `formatOf` other than the length of an HMAC in bytes (0: none). */
export const Format = { unknown: -1, encrypted: -2 } as const;

/** Sizes of the digests that `auth` may name: none, SHA-1, SHA-256, SHA-512, MD5, SHA-224, SHA-384. */
const digestBytes = [0, 20, 32, 64, 16, 28, 48];
/** Opcode and session id. */
const headBytes = 9;
/** Packet id and time, which come with an HMAC. */
const replayBytes = 8;
/** `tls-crypt`: packet id, time and tag, before what is encrypted. */
const cryptBytes = 40;
const maxAcknowledgements = 8;

/** What follows the head and the HMAC of a control packet. */
export interface ControlBody {
  messageId: number;
  payloadFrom: number;
}

const body: ControlBody = { messageId: 0, payloadFrom: 0 };

/** Reads a control packet with an HMAC of `hmacBytes`. @returns undefined when its lengths do not fit; valid until the next call */
export function controlBody(bytes: Buffer, from: number, to: number, hmacBytes: number): ControlBody | undefined {
  let at = from + headBytes + (hmacBytes > 0 ? hmacBytes + replayBytes : 0);
  if (at >= to) return undefined;
  const count = bytes[at++] as number;
  if (count > maxAcknowledgements) return undefined;
  if (count > 0) at += 4 * count + 8;
  if (to - at < 4) return undefined;
  body.messageId = readU32(bytes, at);
  body.payloadFrom = at + 4;
  return body;
}

/** How the packets of this side look, from the one that opens its side of the session: `[from, to)` must be all of it. */
export function formatOf(bytes: Buffer, from: number, to: number): number {
  const first = bytes[from] as number;
  const length = to - from;
  // The first key has number 0.
  if ((first & 7) !== 0 || length < headBytes + 5) return Format.unknown;
  if (readU32(bytes, from + 1) === 0 && readU32(bytes, from + 5) === 0) return Format.unknown;
  const opcode = first >> 3;
  if (opcode === Opcode.clientReset3) return isWrappedKey(bytes, from, to) ? Format.encrypted : Format.unknown;
  if (opcode !== Opcode.clientReset && opcode !== Opcode.serverReset) return Format.unknown;
  for (const hmacBytes of digestBytes) {
    const read = controlBody(bytes, from, to, hmacBytes);
    if (read === undefined || read.payloadFrom !== to || read.messageId !== 0) continue;
    if (hmacBytes === 0 || isFirstId(readU32(bytes, from + headBytes + hmacBytes))) return hmacBytes;
  }
  // One acknowledgement, or none, and a message id lie encrypted behind the tag.
  const hidden = length - headBytes - cryptBytes;
  if ((hidden === 5 || hidden === 17) && isFirstId(readU32(bytes, from + headBytes))) return Format.encrypted;
  return Format.unknown;
}

/** `tls-crypt-v2`: as with `tls-crypt`, then the client’s key, wrapped, the last two bytes of which say its length. */
function isWrappedKey(bytes: Buffer, from: number, to: number): boolean {
  const wrapped = to - from - headBytes - cryptBytes - 5;
  return wrapped > 2 && readU16(bytes, to - 2) === wrapped;
}

/** Packet ids count from 1; a client that speaks of early negotiation begins at 0x0f000001. */
function isFirstId(id: number): boolean {
  return (id & 0xff_ffff) > 0 && (id & 0xff_ffff) < 0x100 && (id >>> 24 === 0 || id >>> 24 === 0x0f);
}
