// M2UA (RFC 3331) and M3UA (RFC 4666), which carry messages of SS7's MTP3 over SCTP, and whom these are for. Called by the SCTP
// decoder with whole user messages, on packet workers.

import { ByteCursor } from '../byte-cursor.ts';
import type { DecoderContext } from '../contract.ts';
import { sigtranFields } from './fields.ts';
import { readSccp } from './sccp.ts';

const version = 1;
const headerLength = 8;
/** Class and type in one number. */
const Message = { m2uaData: 0x0601, m3uaData: 0x0101 } as const;
/**
 * Parameters with data: an MTP3 message; one as TTC has it, behind its length indicator (RFC 3331 section 3.3.1.2); an MTP3
 * message in drafts of M3UA; and, behind a routing label in words of its own, what MTP3 carries (RFC 4666 section 3.3.1).
 */
const Parameter = { mtp3: 0x0300, ttc: 0x0301, draftMtp3: 0x0002, protocolData: 0x0210 } as const;
const Service = { sccp: 3, tup: 4, isup: 5 } as const;
const routingLabel = 4;

export function readM2ua(context: DecoderContext, bytes: Buffer, from: number, to: number): void {
  if (!isMessage(bytes, from, to)) return;
  context.protocol('m2ua');
  if (bytes.readUInt16BE(from + 2) === Message.m2uaData) readData(context, bytes, from, to, Parameter.mtp3, Parameter.ttc);
}

export function readM3ua(context: DecoderContext, bytes: Buffer, from: number, to: number): void {
  if (!isMessage(bytes, from, to)) return;
  context.protocol('m3ua');
  const isData = bytes.readUInt16BE(from + 2) === Message.m3uaData;
  if (isData) readData(context, bytes, from, to, Parameter.protocolData, Parameter.draftMtp3);
}

function isMessage(bytes: Buffer, from: number, to: number): boolean {
  return to - from >= headerLength && bytes[from] === version && bytes.readUInt32BE(from + 4) >= headerLength;
}

/** Reads what the first parameter with one of two tags holds. */
function readData(context: DecoderContext, bytes: Buffer, from: number, to: number, tag: number, otherTag: number): void {
  const cursor = new ByteCursor(bytes, from + headerLength, to);
  while (cursor.left >= 4) {
    const found = cursor.u16();
    const length = cursor.u16() - 4;
    const start = cursor.take(length);
    if (start < 0) return;
    if (found === tag || found === otherTag) {
      const data = new ByteCursor(bytes, start, start + length);
      if (found === Parameter.protocolData) readProtocolData(context, data);
      else readMtp3(context, data, found === Parameter.ttc);
      return;
    }
    cursor.skip(Math.min(cursor.left, -length & 3));
  }
}

/** Point codes, service, network, priority, link selection. */
function readProtocolData(context: DecoderContext, data: ByteCursor): void {
  data.skip(8);
  const service = data.u8();
  data.skip(3);
  if (!data.failed) readUser(context, service, data);
}

/** Service information octet, routing label (Q.704 section 2). */
function readMtp3(context: DecoderContext, data: ByteCursor, hasLength: boolean): void {
  if (hasLength) data.skip(1);
  const service = data.u8() & 0x0f;
  data.skip(routingLabel);
  if (!data.failed) readUser(context, service, data);
}

function readUser(context: DecoderContext, service: number, data: ByteCursor): void {
  context.note(sigtranFields.serviceIndicator, service);
  if (service === Service.tup) context.protocol('tup');
  else if (service === Service.isup) context.protocol('isup');
  else if (service === Service.sccp) readSccp(context, data.bytes, data.position, data.end);
}
