// The DTLS decoder of one session: the records of each datagram (RFC 6347 section 4.1) while they are in clear, and the
// handshake messages put together from their fragments. Over once both sides have encrypted. Runs on a packet worker,
// made by the session room. Never throws.

import { readU16 } from '../big-endian.ts';
import { type Decoder, type DecoderContext, type Direction, DONE } from '../contract.ts';
import { FragmentBuffer } from '../fragment-buffer.ts';
import { HandshakeType } from '../tls-handshake/message-reader.ts';
import { ContentType } from '../tls-handshake/record-reader.ts';
import { dtlsAnomalies } from './anomalies.ts';
import { noteMessage } from './handshake.ts';
import type { DtlsOptions } from './options.ts';

export const recordHeaderBytes = 13;
export const messageHeaderBytes = 12;

/** The message of one direction that is being put together. */
class Assembly {
  /** `message_seq` of the message; -1 none. */
  sequence = -1;
  type = 0;
  length = 0;
  fragments: FragmentBuffer | undefined = undefined;
}

export class DtlsDecoder implements Decoder {
  readonly #context: DecoderContext;
  readonly #options: DtlsOptions;
  readonly #assemblies: readonly [Assembly, Assembly];
  readonly #encrypted: [boolean, boolean];
  #hasCertificate: boolean;

  constructor(context: DecoderContext, options: DtlsOptions) {
    this.#context = context;
    this.#options = options;
    this.#assemblies = [new Assembly(), new Assembly()];
    this.#encrypted = [false, false];
    this.#hasCertificate = false;
  }

  data(direction: Direction, bytes: Buffer, from: number, to: number, timeUs: number): number {
    for (let at = from; to - at >= recordHeaderBytes; ) {
      const content = at + recordHeaderBytes;
      const end = content + readU16(bytes, at + 11);
      if (end > to) {
        // What is behind the first records may be of DTLS 1.3 and hidden.
        if (at === from && !this.#encrypted[direction]) this.#context.anomaly(dtlsAnomalies.bad_record, timeUs);
        break;
      }
      if (readU16(bytes, at + 3) > 0) this.#encrypted[direction] = true;
      else if (bytes[at] === ContentType.handshake) this.#handshake(direction, bytes, content, end, timeUs);
      at = end;
    }
    return this.#encrypted[0] && this.#encrypted[1] ? DONE : 0;
  }

  skipped(): void {}

  gap(): boolean {
    return true;
  }

  finished(): void {}

  end(): void {}

  /** The fragments in a record. */
  #handshake(direction: Direction, bytes: Buffer, from: number, to: number, timeUs: number): void {
    for (let at = from; to - at >= messageHeaderBytes; ) {
      const type = bytes[at] as number;
      const length = bytes.readUIntBE(at + 1, 3);
      const offset = bytes.readUIntBE(at + 6, 3);
      const fragment = bytes.readUIntBE(at + 9, 3);
      const body = at + messageHeaderBytes;
      if (fragment > to - body || offset + fragment > length) {
        this.#context.anomaly(dtlsAnomalies.bad_fragment, timeUs);
        return;
      }
      at = body + fragment;
      if (!isRead(type) || length > this.#options.max_handshake_bytes) continue;
      if (fragment === length) this.#message(type, bytes, body, at);
      else this.#fragment(direction, readU16(bytes, body - 8), type, length, offset, bytes, body, at);
    }
  }

  #fragment(
    direction: Direction,
    sequence: number,
    type: number,
    length: number,
    offset: number,
    bytes: Buffer,
    from: number,
    to: number,
  ): void {
    const assembly = this.#assemblies[direction];
    assembly.fragments ??= new FragmentBuffer(this.#options.max_handshake_bytes);
    const { fragments } = assembly;
    if (sequence < assembly.sequence) return;
    if (sequence > assembly.sequence || type !== assembly.type || length !== assembly.length) {
      fragments.clear();
      assembly.sequence = sequence;
      assembly.type = type;
      assembly.length = length;
    }
    fragments.add(offset, bytes, from, to);
    if (fragments.length !== length) return;
    this.#message(type, fragments.bytes, 0, length);
    fragments.clear();
  }

  #message(type: number, bytes: Buffer, from: number, to: number): void {
    noteMessage(this.#context, this.#options, type, bytes, from, to, !this.#hasCertificate);
    if (type === HandshakeType.certificate) this.#hasCertificate = true;
  }
}

function isRead(type: number): boolean {
  return type === HandshakeType.clientHello || type === HandshakeType.serverHello || type === HandshakeType.certificate;
}
