// BACnet/IP messages: the virtual link (ASHRAE 135 annexes J.2 and U.2), the network layer (section 6.2) and the head of the
// application message (section 20.1). Called by the BACnet decoder for each datagram, on packet workers.

import { ByteCursor } from '../byte-cursor.ts';
import type { DecoderContext } from '../contract.ts';
import type { PacketReader } from '../packet-decoder.ts';
import { bacnetFields, confirmedServices, functionNames, typeNames, unconfirmedServices } from './fields.ts';
import { readObjectNames } from './object-names.ts';

const overIpv4 = 0x81;
const overIpv6 = 0x82;
const linkHeader = 4;
/** Annex U.2: other numbers than over IPv4, and addresses of three bytes in the header. */
const ipv6FunctionNames = [
  'result',
  'original-unicast',
  'original-broadcast',
  'address-resolution',
  'forwarded-address-resolution',
  'address-resolution-ack',
  'virtual-address-resolution',
  'virtual-address-resolution-ack',
  'forwarded-npdu',
  'register-foreign-device',
  'delete-fdt-entry',
  'secured-bvll',
  'distribute-broadcast',
];
/** Bytes between header and network layer, of functions that carry one. */
const ipv4Before: ReadonlyMap<number, number> = new Map([
  [0x04, 6],
  [0x09, 0],
  [0x0a, 0],
  [0x0b, 0],
]);
const ipv6Before: ReadonlyMap<number, number> = new Map([
  [0x01, 6],
  [0x02, 3],
  [0x08, 3 + 18],
  [0x0c, 3],
]);
const NetworkFlag = { message: 0x80, destination: 0x20, source: 0x08 } as const;
const ApplicationType = { confirmed: 0, unconfirmed: 1, complexAck: 3 } as const;
const segmented = 0x08;

/** A function that is known, and a length that the datagram has. */
export function isMessage(bytes: Buffer, from: number, to: number): boolean {
  if (to - from < linkHeader || (bytes[from + 1] as number) >= functionNames.length) return false;
  const length = bytes.readUInt16BE(from + 2);
  return length >= linkHeader && length <= to - from;
}

export const readDatagram: PacketReader = (context, _direction, bytes, from, to) => {
  if (!isMessage(bytes, from, to) || (bytes[from] !== overIpv4 && bytes[from] !== overIpv6)) return;
  const isIpv6 = bytes[from] === overIpv6;
  const code = bytes[from + 1] as number;
  context.note(bacnetFields.function, (isIpv6 ? ipv6FunctionNames : functionNames)[code] as string);
  const before = (isIpv6 ? ipv6Before : ipv4Before).get(code);
  if (before === undefined) return;
  const cursor = new ByteCursor(bytes, from + linkHeader, from + bytes.readUInt16BE(from + 2));
  cursor.skip(before);
  if (readNetworkLayer(cursor)) readApplicationLayer(context, cursor);
};

/** @returns true when an application message follows */
function readNetworkLayer(cursor: ByteCursor): boolean {
  if (cursor.u8() !== 1) return false;
  const flags = cursor.u8();
  if ((flags & NetworkFlag.destination) !== 0) skipAddress(cursor);
  if ((flags & NetworkFlag.source) !== 0) skipAddress(cursor);
  // Hop count.
  if ((flags & NetworkFlag.destination) !== 0) cursor.skip(1);
  return !cursor.failed && (flags & NetworkFlag.message) === 0;
}

/** Network number, length, address. */
function skipAddress(cursor: ByteCursor): void {
  cursor.skip(2);
  cursor.skip(cursor.u8());
}

function readApplicationLayer(context: DecoderContext, cursor: ByteCursor): void {
  const first = cursor.u8();
  if (cursor.failed) return;
  const type = first >> 4;
  const name = typeNames[type];
  if (name === undefined) return;
  context.note(bacnetFields.type, name);
  const isConfirmed = type === ApplicationType.confirmed;
  if (!isConfirmed && type !== ApplicationType.unconfirmed && type !== ApplicationType.complexAck) return;
  // Segments accepted, invocation; sequence and window of a segment.
  if (isConfirmed) cursor.skip(2);
  else if (type === ApplicationType.complexAck) cursor.skip(1);
  let sequence = 0;
  if (type !== ApplicationType.unconfirmed && (first & segmented) !== 0) {
    sequence = cursor.u8();
    cursor.skip(1);
  }
  const service = cursor.u8();
  if (cursor.failed) return;
  const services = type === ApplicationType.unconfirmed ? unconfirmedServices : confirmedServices;
  if (type !== ApplicationType.complexAck && services[service] !== undefined) {
    context.note(bacnetFields.service, services[service] as string);
  }
  // Later segments begin within a value.
  if (sequence === 0 && !isConfirmed) readObjectNames(context, cursor, services[service] ?? '');
}
