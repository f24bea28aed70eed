// The attributes of a RADIUS message (RFC 2865 §5) that say who asks from where and what address was given. Called by the
// definition for each message, on packet workers.

import { isIP } from 'node:net';
import { ipv4Text } from '../address-text.ts';
import { readU32 } from '../big-endian.ts';
import type { DecoderContext } from '../contract.ts';
import { textToNul } from '../wire-text.ts';
import { radiusFields } from './fields.ts';

/** Code, identifier, length and authenticator (§3). */
export const headerBytes = 20;

/** IANA "RADIUS Packet Type Codes". */
const messageNames: ReadonlyMap<number, string> = new Map([
  [1, 'access-request'],
  [2, 'access-accept'],
  [3, 'access-reject'],
  [4, 'accounting-request'],
  [5, 'accounting-response'],
  [11, 'access-challenge'],
  [12, 'status-server'],
  [13, 'status-client'],
  [40, 'disconnect-request'],
  [41, 'disconnect-ack'],
  [42, 'disconnect-nak'],
  [43, 'coa-request'],
  [44, 'coa-ack'],
  [45, 'coa-nak'],
]);

export function messageName(code: number): string | undefined {
  return messageNames.get(code);
}

const Attribute = {
  userName: 1,
  nasIp: 4,
  nasPort: 5,
  framedIp: 8,
  callingStationId: 31,
  tunnelClientEndpoint: 66,
} as const;

/** Notes the attributes in `bytes[from, to)`, up to the first that does not fit. */
export function readAttributes(context: DecoderContext, bytes: Buffer, from: number, to: number): void {
  for (let at = from; at + 2 <= to; ) {
    const length = bytes[at + 1] as number;
    if (length < 2 || at + length > to) return;
    readAttribute(context, bytes, bytes[at] as number, at + 2, at + length);
    at += length;
  }
}

function readAttribute(context: DecoderContext, bytes: Buffer, type: number, from: number, to: number): void {
  const isWord = to - from === 4;
  switch (type) {
    case Attribute.userName:
      if (to > from) context.note(radiusFields.user, textToNul(bytes, from, to));
      return;
    case Attribute.nasIp:
      if (isWord) context.note(radiusFields.nasIp, ipv4Text(bytes, from));
      return;
    case Attribute.nasPort:
      if (isWord) context.note(radiusFields.nasPort, readU32(bytes, from));
      return;
    case Attribute.framedIp:
      if (isWord) context.note(radiusFields.framedIp, ipv4Text(bytes, from));
      return;
    case Attribute.callingStationId: {
      const mac = macOf(textToNul(bytes, from, to));
      if (mac !== undefined) context.note(radiusFields.mac, mac);
      return;
    }
    case Attribute.tunnelClientEndpoint: {
      // A tag up to 0x1f may stand before the text (RFC 2868 §3.3).
      const start = to > from && (bytes[from] as number) <= 0x1f ? from + 1 : from;
      const text = textToNul(bytes, start, to);
      if (isIP(text) !== 0) context.note(radiusFields.endpointIp, text);
      return;
    }
  }
}

/** A hardware address however it is written (RFC 3580 §3.21 has hyphens), with colons; undefined for other station ids. */
function macOf(text: string): string | undefined {
  // Behind it there may be the name of the network.
  const match =
    /^([\da-f]{2})[-:.]?([\da-f]{2})[-:.]?([\da-f]{2})[-:.]?([\da-f]{2})[-:.]?([\da-f]{2})[-:.]?([\da-f]{2})(?![\da-f])/i.exec(
      text,
    );
  return match?.slice(1).join(':').toLowerCase();
}
