// TPKT packets (RFC 1006 section 6) and the COTP header in them (ISO 8073 section 13), as S7 controllers use them: connections
// are set up between service access points, then data come in packets, several of which may be one message. Called by the
// S7 decoder, on packet workers.

import type { DecoderContext, Direction } from '../contract.ts';
import { FramedDecoder, needMoreBytes, noMessage } from '../framed-decoder.ts';
import { s7commAnomalies } from './anomalies.ts';
import type { S7commOptions } from './options.ts';
import { readPdu } from './pdu.ts';

const version = 3;
const packetHeader = 4;
const leastLength = 7;
/** By the upper four bits of the octet behind the COTP header's length. */
const Cotp = { confirm: 0xd, request: 0xe, data: 0xf } as const;
/** Parameters of a connection request: calling and called access point. */
const AccessPoint = { calling: 0xc1, called: 0xc2 } as const;
/** Bytes of a connection request before its parameters: length, code, two references, class. */
const setupHeader = 7;
const endOfMessage = 0x80;

/** Length of the packet at `from`, of which `[from, to)` are there; `needMoreBytes` or `noMessage`. */
export function packetLength(bytes: Buffer, from: number, to: number): number {
  if (bytes[from] !== version || (to - from > 1 && bytes[from + 1] !== 0)) return noMessage;
  if (to - from < packetHeader) return needMoreBytes;
  const length = bytes.readUInt16BE(from + 2);
  return length < leastLength ? noMessage : length;
}

const codeOf = (bytes: Buffer, from: number): number => (bytes[from + packetHeader + 1] as number) >> 4;

/** Does the packet at `from` set up or confirm a connection? Needs 6 bytes. */
export function isSetup(bytes: Buffer, from: number): boolean {
  const code = codeOf(bytes, from);
  return code === Cotp.request || code === Cotp.confirm;
}

/** Does the setup packet `[from, to)` name a transport service access point? */
export function hasAccessPoints(bytes: Buffer, from: number, to: number): boolean {
  const end = Math.min(to, from + packetHeader + 1 + (bytes[from + packetHeader] as number));
  for (let at = from + packetHeader + setupHeader; at + 1 < end; at += 2 + (bytes[at + 1] as number)) {
    if (bytes[at] === AccessPoint.calling || bytes[at] === AccessPoint.called) return true;
  }
  return false;
}

/** Where the user data of the data packet at `from` begin; -1 in other packets. Needs 6 bytes. */
export function payloadStart(bytes: Buffer, from: number): number {
  return codeOf(bytes, from) === Cotp.data ? from + packetHeader + 1 + (bytes[from + packetHeader] as number) : -1;
}

export class S7commDecoder extends FramedDecoder {
  /** By direction: the next data packet goes on with a message. */
  readonly #continues: [boolean, boolean] = [false, false];

  constructor(context: DecoderContext, options: S7commOptions) {
    super(context, options.max_packet_bytes, { action: 'stop', anomaly: s7commAnomalies.bad_packet });
  }

  protected lengthAt(_direction: Direction, bytes: Buffer, at: number, to: number): number {
    return packetLength(bytes, at, to);
  }

  protected message(direction: Direction, bytes: Buffer, from: number, to: number): number {
    const start = payloadStart(bytes, from);
    if (start < 0) return 0;
    const isFirst = !this.#continues[direction];
    const header = bytes[from + packetHeader] as number;
    this.#continues[direction] = header >= 2 && ((bytes[from + packetHeader + 2] as number) & endOfMessage) === 0;
    if (isFirst && start < to) readPdu(this.context, bytes, start, to);
    return 0;
  }
}
