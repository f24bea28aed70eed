// EtherNet/IP encapsulation messages (CIP volume 2, section 2-3): header, and the lists of items of commands that have one. Called
// by the EtherNet/IP decoder, on packet workers.

import { ByteCursor } from '../byte-cursor.ts';
import type { DecoderContext, Direction } from '../contract.ts';
import { FramedDecoder, needMoreBytes, noMessage } from '../framed-decoder.ts';
import type { PacketReader } from '../packet-decoder.ts';
import { textOf } from '../wire-text.ts';
import { enipAnomalies } from './anomalies.ts';
import { enipFields } from './fields.ts';
import { commandNames, vendorNames } from './names.ts';
import type { EnipOptions } from './options.ts';
import { readRequest } from './request.ts';

/** Command, length, session, status, sender context, options. */
export const headerLength = 24;
const Command = { listIdentity: 0x63, sendRequest: 0x6f, sendUnit: 0x70 } as const;
const Item = { identity: 0x0c, connected: 0xb1, unconnected: 0xb2 } as const;
const mostItems = 16;

/** Length of the message at `from`, of which `[from, to)` are there; `needMoreBytes` or `noMessage`. */
export function messageLength(bytes: Buffer, from: number, to: number): number {
  if (to - from < 2) return needMoreBytes;
  if (!commandNames.has(bytes.readUInt16LE(from))) return noMessage;
  return to - from < 4 ? needMoreBytes : headerLength + bytes.readUInt16LE(from + 2);
}

export class EnipDecoder extends FramedDecoder {
  constructor(context: DecoderContext, options: EnipOptions) {
    super(context, options.max_message_bytes, { action: 'stop', anomaly: enipAnomalies.bad_command });
  }

  protected lengthAt(_direction: Direction, bytes: Buffer, at: number, to: number): number {
    return messageLength(bytes, at, to);
  }

  protected message(_direction: Direction, bytes: Buffer, from: number, to: number): number {
    readMessage(this.context, bytes, from, to);
    return 0;
  }
}

/** A datagram holds a message. */
export const readDatagram: PacketReader = (context, _direction, bytes, from, to, timeUs) => {
  if (to - from < headerLength || !commandNames.has(bytes.readUInt16LE(from))) return;
  const end = from + headerLength + bytes.readUInt16LE(from + 2);
  if (end > to) context.anomaly(enipAnomalies.cut_message, timeUs);
  readMessage(context, bytes, from, Math.min(to, end));
};

function readMessage(context: DecoderContext, bytes: Buffer, from: number, to: number): void {
  if (to - from < headerLength) return;
  const command = bytes.readUInt16LE(from);
  const status = bytes.readUInt32LE(from + 8);
  context.note(enipFields.command, commandNames.get(command) as string);
  context.note(enipFields.status, status);
  const body = new ByteCursor(bytes, from + headerLength, to);
  if (command === Command.listIdentity && status === 0) readItems(context, body, command);
  if (command !== Command.sendRequest && command !== Command.sendUnit) return;
  // Interface and time-out.
  body.skip(6);
  readItems(context, body, command);
}

/** Common packet format (section 2-6). */
function readItems(context: DecoderContext, body: ByteCursor, command: number): void {
  const items = Math.min(mostItems, body.u16le());
  for (let item = 0; item < items && !body.failed; item += 1) {
    const type = body.u16le();
    const length = body.u16le();
    const from = body.take(length);
    if (from < 0) return;
    const contents = new ByteCursor(body.bytes, from, from + length);
    if (command === Command.listIdentity) {
      if (type === Item.identity) readIdentity(context, contents);
    } else if (type === Item.connected) {
      // Sequence count.
      contents.skip(2);
      readRequest(context, contents);
    } else if (type === Item.unconnected) readRequest(context, contents);
  }
}

/** Section 2-4.3.3: version, socket address, vendor, device, product, revision, status, serial number, name, state. */
function readIdentity(context: DecoderContext, contents: ByteCursor): void {
  contents.skip(2 + 16);
  const vendor = contents.u16le();
  const deviceType = contents.u16le();
  contents.skip(2 + 2 + 2 + 4);
  const length = contents.u8();
  if (contents.failed) return;
  context.note(enipFields.vendorNumber, vendor);
  context.note(enipFields.vendor, vendorNames.get(vendor) ?? `Vendor-${vendor}`);
  context.note(enipFields.deviceType, `DeviceType-0x${deviceType.toString(16).padStart(4, '0')}`);
  const name = contents.take(length);
  if (name >= 0 && length > 0) context.note(enipFields.product, textOf(contents.bytes, name, name + length));
}
