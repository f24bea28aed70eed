// Reads a STUN message (RFC 8489 §5, §14; RFC 3489 for the older form without the cookie; TURN RFC 8656) that is there
// whole: its kind and the attributes that say who is where. Called by the decoder, on packet workers.

import { type SessionField, tagsField } from '../../record/index.ts';
import { addressText } from '../address-text.ts';
import { readU16, readU32 } from '../big-endian.ts';
import type { DecoderContext, Direction } from '../contract.ts';
import { textToNul } from '../wire-text.ts';
import { stunFields } from './fields.ts';

export const headerBytes = 20;
export const magicCookie = 0x2112a442;

/** IANA "STUN Methods". */
const methodNames: ReadonlyMap<number, string> = new Map([
  [0x001, 'Binding'],
  [0x002, 'SharedSecret'],
  [0x003, 'Allocate'],
  [0x004, 'Refresh'],
  [0x006, 'Send'],
  [0x007, 'Data'],
  [0x008, 'CreatePermission'],
  [0x009, 'ChannelBind'],
  [0x00a, 'Connect'],
  [0x00b, 'ConnectionBind'],
  [0x00c, 'ConnectionAttempt'],
  [0x080, 'GOOG-PING'],
]);
const classNames = ['Request', 'Indication', 'Response', 'Error'] as const;

const Attribute = {
  mappedAddress: 0x0001,
  username: 0x0006,
  errorCode: 0x0009,
  xorPeerAddress: 0x0012,
  realm: 0x0014,
  xorRelayedAddress: 0x0016,
  xorMappedAddress: 0x0020,
  /** Before it had its number (drafts of RFC 5389). */
  earlyXorMappedAddress: 0x8020,
  software: 0x8022,
} as const;

const natDiscovered = 'stun:nat-discovered';

/** Scratch of one address, and what it is mixed with. */
const address = Buffer.alloc(16);

/** `Binding Request`; undefined for methods that are not known. The two bits of the class lie within the method (§5, figure 3). */
export function typeName(type: number): string | undefined {
  const method = (type & 0x000f) | ((type & 0x00e0) >> 1) | ((type & 0x3e00) >> 2);
  const name = methodNames.get(method);
  const kind = ((type & 0x0010) >> 4) | ((type & 0x0100) >> 7);
  return name === undefined ? undefined : `${name} ${classNames[kind]}`;
}

/** Notes the message at `from`, whose attributes end at `to`. */
export function readMessage(context: DecoderContext, direction: Direction, bytes: Buffer, from: number, to: number): void {
  const name = typeName(readU16(bytes, from));
  if (name !== undefined) context.note(stunFields.type, name);
  for (let at = from + headerBytes; at + 4 <= to; ) {
    const start = at + 4;
    const length = readU16(bytes, at + 2);
    if (start + length > to) return;
    readAttribute(context, direction, bytes, from, readU16(bytes, at), start, length);
    at = start + ((length + 3) & ~3);
  }
}

function readAttribute(
  context: DecoderContext,
  direction: Direction,
  bytes: Buffer,
  message: number,
  type: number,
  at: number,
  length: number,
): void {
  switch (type) {
    case Attribute.mappedAddress:
      readAddress(context, direction, bytes, -1, at, length, stunFields.mappedIp, stunFields.mappedPort);
      return;
    case Attribute.xorMappedAddress:
    case Attribute.earlyXorMappedAddress:
      readAddress(context, direction, bytes, message, at, length, stunFields.xorMappedIp, stunFields.xorMappedPort);
      return;
    case Attribute.xorRelayedAddress:
      readAddress(context, direction, bytes, message, at, length, stunFields.xorRelayedIp, stunFields.xorRelayedPort);
      return;
    case Attribute.xorPeerAddress:
      readAddress(context, direction, bytes, message, at, length, stunFields.xorPeerIp, stunFields.xorPeerPort);
      return;
    case Attribute.username:
      noteText(context, stunFields.username, bytes, at, length);
      return;
    case Attribute.realm:
      noteText(context, stunFields.realm, bytes, at, length);
      return;
    case Attribute.software:
      noteText(context, stunFields.software, bytes, at, length);
      return;
    case Attribute.errorCode:
      // Hundreds in three bits, the rest in a byte (§14.8).
      if (length >= 4) context.note(stunFields.error, ((bytes[at + 2] as number) & 7) * 100 + (bytes[at + 3] as number));
      return;
  }
}

function noteText(context: DecoderContext, field: SessionField, bytes: Buffer, at: number, length: number): void {
  const text = textToNul(bytes, at, at + length);
  if (text !== '') context.note(field, text);
}

/** `message`: where the message begins whose cookie and id the address is mixed with (§14.2); -1: it is not. */
function readAddress(
  context: DecoderContext,
  direction: Direction,
  bytes: Buffer,
  message: number,
  at: number,
  length: number,
  ipField: SessionField,
  portField: SessionField,
): void {
  const family = bytes[at + 1];
  const addressBytes = family === 1 ? 4 : family === 2 ? 16 : 0;
  if (length < 4 + addressBytes || addressBytes === 0) return;
  const isMixed = message >= 0;
  for (let index = 0; index < addressBytes; index++)
    address[index] = (bytes[at + 4 + index] as number) ^ (isMixed ? (bytes[message + 4 + index] as number) : 0);
  context.note(ipField, addressText(address, 0, addressBytes));
  context.note(portField, readU16(bytes, at + 2) ^ (isMixed ? readU16(bytes, message + 4) : 0));
  const isMapped = ipField === stunFields.mappedIp || ipField === stunFields.xorMappedIp;
  if (isMapped && direction === 1 && !context.isClientAddress(address, 0, addressBytes)) context.note(tagsField, natDiscovered);
}

/** The message at `from` has the cookie. Its header is there. */
export function hasCookie(bytes: Uint8Array, from: number): boolean {
  return readU32(bytes, from + 4) === magicCookie;
}
