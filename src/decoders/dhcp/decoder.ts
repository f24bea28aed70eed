// Reads a DHCP message (RFC 2131 §2, options RFC 2132): who asks, for what, and what kind of message it is. Called for each
// datagram, on packet workers.

import { ipv4Text, macText } from '../address-text.ts';
import { readU32 } from '../big-endian.ts';
import type { DecoderContext, Direction } from '../contract.ts';
import { textToNul } from '../wire-text.ts';
import { dhcpFields } from './fields.ts';

/** Offsets in a message. */
const xidAt = 4;
const hardwareAt = 28;
const serverNameAt = 44;
const fileAt = 108;
const cookieAt = 236;
const optionsAt = 240;
/** Senders fill up BOOTP's 300 bytes (RFC 951 §3, RFC 1542 §2.1) or nearly; shorter ones are no DHCP. */
const messageBytesMin = 256;
/** RFC 2132 §2. */
const magicCookie = 0x63825363;
const macBytes = 6;

const Option = { pad: 0, hostName: 12, requestedAddress: 50, overload: 52, messageType: 53, classId: 60, end: 255 } as const;

/** IANA "DHCP Message Type 53 Values", from 1 on. */
const typeNames =
  'DISCOVER OFFER REQUEST DECLINE ACK NAK RELEASE INFORM FORCERENEW LEASEQUERY LEASEUNASSIGNED LEASEUNKNOWN LEASEACTIVE BULKLEASEQUERY LEASEQUERYDONE ACTIVELEASEQUERY LEASEQUERYSTATUS TLS'.split(
    ' ',
  );

/** A request or a reply of BOOTP with the cookie that DHCP's options begin with. */
export function isDhcp(bytes: Buffer, from: number, to: number): boolean {
  if (to - from < messageBytesMin) return false;
  const operation = bytes[from] as number;
  return (operation === 1 || operation === 2) && readU32(bytes, from + cookieAt) === magicCookie;
}

export function readDhcp(context: DecoderContext, _direction: Direction, bytes: Buffer, from: number, to: number): void {
  if (!isDhcp(bytes, from, to)) return;
  context.note(dhcpFields.id, readU32(bytes, from + xidAt).toString(16));
  if (bytes[from + 2] === macBytes) context.note(dhcpFields.mac, macText(bytes, from + hardwareAt));
  const overload = readOptions(context, bytes, from + optionsAt, to);
  // RFC 2132 §9.3: options may go on where the file and the server are named.
  if ((overload & 1) !== 0) readOptions(context, bytes, from + fileAt, from + cookieAt);
  if ((overload & 2) !== 0) readOptions(context, bytes, from + serverNameAt, from + fileAt);
}

/** @returns the value of the overload option, 0 without it */
function readOptions(context: DecoderContext, bytes: Buffer, from: number, to: number): number {
  let overload = 0;
  for (let at = from; at < to; ) {
    const option = bytes[at] as number;
    if (option === Option.pad) {
      at++;
      continue;
    }
    if (option === Option.end || at + 2 > to) break;
    const start = at + 2;
    const end = start + (bytes[at + 1] as number);
    if (end > to) break;
    if (option === Option.overload && end > start) overload = bytes[start] as number;
    else readOption(context, bytes, option, start, end);
    at = end;
  }
  return overload;
}

function readOption(context: DecoderContext, bytes: Buffer, option: number, from: number, to: number): void {
  if (from === to) return;
  switch (option) {
    case Option.hostName:
      context.note(dhcpFields.host, textToNul(bytes, from, to).toLowerCase());
      return;
    case Option.requestedAddress:
      if (to - from === 4) context.note(dhcpFields.requestIp, ipv4Text(bytes, from));
      return;
    case Option.messageType: {
      const name = typeNames[(bytes[from] as number) - 1];
      if (name !== undefined) context.note(dhcpFields.type, name);
      return;
    }
    case Option.classId:
      context.note(dhcpFields.classId, textToNul(bytes, from, to));
      return;
  }
}
