// The QUIC decoder of one session: reads the client hello out of the client’s first packets, of Google’s versions in clear,
// of the others decrypted (RFC 9001 section 5.2); all that follows is secret. Runs on a packet worker, made by the session
// room. Never throws.

import { InitialKeys, initialPayload } from '../../crypto/index.ts';
import { ByteCursor } from '../byte-cursor.ts';
import { type Decoder, type DecoderContext, type Direction, DONE } from '../contract.ts';
import { FragmentBuffer } from '../fragment-buffer.ts';
import { ClientHello, parseClientHello } from '../tls-handshake/client-hello.ts';
import { noteClientHello } from '../tls-handshake/hello-notes.ts';
import { HandshakeType } from '../tls-handshake/message-reader.ts';
import { tlsNotes } from '../tls-handshake/record-type.ts';
import { quicAnomalies } from './anomalies.ts';
import { GooglePacket } from './google-packet.ts';
import { LongHeader, varint } from './long-header.ts';
import type { QuicOptions } from './options.ts';
import { isTaggedHello, noteTaggedHello } from './tagged-hello.ts';
import { type InitialSecrets, initialSecrets } from './versions.ts';

/** Datagrams after which the hello is not waited for any more. */
const maxDatagrams = 32;
/** Packets that none of the keys fit before the session is given up: those of servers are among them when sides are unknown. */
const maxFailures = 8;

const header = new LongHeader();
const google = new GooglePacket();
const frames = new ByteCursor(Buffer.alloc(0), 0, 0);
const hello = new ClientHello();
/** Keys that are tried; with those of a session they change places when they fit. */
let spareKeys = new InitialKeys();

export class QuicDecoder implements Decoder {
  #context: DecoderContext;
  readonly #options: QuicOptions;
  /** Those that opened a packet, when `#keyed`, and the side that it came from. */
  #keys: InitialKeys | undefined;
  #keyed: boolean;
  #client: Direction;
  #crypto: FragmentBuffer | undefined;
  /** Sides that packets of a known version came from. */
  #heardClient: boolean;
  #heardServer: boolean;
  #datagrams: number;
  #failures: number;
  #over: boolean;

  constructor(context: DecoderContext, options: QuicOptions) {
    this.#context = context;
    this.#options = options;
    this.#keys = undefined;
    this.#keyed = false;
    this.#client = 0;
    this.#crypto = undefined;
    this.#heardClient = false;
    this.#heardServer = false;
    this.#datagrams = 0;
    this.#failures = 0;
    this.#over = false;
  }

  /** Before that it counts. */
  get isIdle(): boolean {
    return this.#over;
  }

  recycle(context: DecoderContext): void {
    this.#context = context;
    this.#keyed = false;
    this.#crypto?.clear();
    this.#heardClient = false;
    this.#heardServer = false;
    this.#datagrams = 0;
    this.#failures = 0;
    this.#over = false;
  }

  data(direction: Direction, bytes: Buffer, from: number, to: number, timeUs: number): number {
    if (from === to) return 0;
    if (google.readHeader(bytes, from, to)) {
      this.#context.protocol('quic');
      if (google.findStream(bytes, to) && isTaggedHello(bytes, google.dataFrom, google.dataTo)) {
        noteTaggedHello(this.#context, bytes, google.dataFrom, google.dataTo);
      }
    } else if (this.#readPackets(direction, bytes, from, to, timeUs)) this.#over = true;
    this.#datagrams++;
    if (this.#datagrams >= maxDatagrams) this.#over = true;
    return this.#over ? DONE : 0;
  }

  skipped(): void {}

  gap(): boolean {
    return true;
  }

  finished(): void {}

  end(): void {}

  /** The packets of a datagram (RFC 9000 section 12.2). @returns true when no more is wanted */
  #readPackets(direction: Direction, bytes: Buffer, from: number, to: number, timeUs: number): boolean {
    for (let at = from; at < to && header.read(bytes, at, to); at = header.packetEnd) {
      const secrets = initialSecrets(header.version);
      if (secrets === undefined) return false;
      // A header alone is soon made: it is QUIC when both sides say so, or when a packet opens.
      if (direction === 0) this.#heardClient = true;
      else this.#heardServer = true;
      if (this.#heardClient && this.#heardServer) this.#context.protocol('quic');
      if (((header.firstByte >> 4) & 3) !== secrets.initialType) return false;
      if (!header.readInitial()) return false;
      // What the other side says has keys of its own.
      if (this.#keyed && direction !== this.#client) continue;
      if (!this.#decrypt(secrets, direction, bytes, at)) {
        if (++this.#failures < maxFailures) continue;
        this.#context.anomaly(quicAnomalies.bad_initial, timeUs);
        return true;
      }
      this.#context.protocol('quic');
      if (this.#readFrames(secrets) && this.#readHello(secrets, timeUs)) return true;
    }
    return false;
  }

  /**
   * Opens a packet into `initialPayload`, with the keys in hand, else with those that its own connection id gives: a Retry
   * changes it.
   * @returns false when it does not open
   */
  #decrypt(secrets: InitialSecrets, direction: Direction, bytes: Buffer, at: number): boolean {
    const { numberAt, packetEnd } = header;
    if (this.#keyed && (this.#keys as InitialKeys).open(bytes, at, numberAt, packetEnd)) return true;
    const keys = spareKeys;
    if (!keys.openFirst(secrets.derivation, bytes, at, numberAt, packetEnd)) return false;
    spareKeys = this.#keys ?? new InitialKeys();
    this.#keys = keys;
    this.#keyed = true;
    this.#client = direction;
    this.#crypto?.clear();
    return true;
  }

  /** Takes the CRYPTO frames out of an Initial packet (RFC 9000 section 19). @returns whether there was one */
  #readFrames(secrets: InitialSecrets): boolean {
    frames.set(initialPayload.bytes, initialPayload.from, initialPayload.to);
    let found = false;
    while (frames.left > 0) {
      const type = frames.u8();
      if (type === 0x00) skipPadding();
      if (type === 0x00 || type === 0x01) continue;
      if (type === 0x02 || type === 0x03) skipAcknowledgement(type);
      else if (type === secrets.cryptoFrame) {
        const offset = varint(frames);
        const length = varint(frames);
        const start = frames.take(length);
        if (start < 0) break;
        this.#crypto ??= new FragmentBuffer(this.#options.max_hello_bytes);
        this.#crypto.add(offset, frames.bytes, start, start + length);
        found = true;
      } else break;
      if (frames.failed) break;
    }
    return found;
  }

  /** @returns true when the hello was there */
  #readHello(secrets: InitialSecrets, timeUs: number): boolean {
    const { bytes, length } = this.#crypto as FragmentBuffer;
    if (secrets.isTagged) {
      if (!isTaggedHello(bytes, 0, length)) return false;
      noteTaggedHello(this.#context, bytes, 0, length);
      return true;
    }
    if (length < 4) return false;
    const whole = 4 + bytes.readUIntBE(1, 3);
    if (bytes[0] !== HandshakeType.clientHello || whole > this.#options.max_hello_bytes) return true;
    if (length < whole) return false;
    hello.clear();
    const offer = parseClientHello(bytes, 4, whole, hello);
    const context = this.#context;
    if (hello.serverName.length > 0) context.note(tlsNotes.serverName, hello.serverName);
    if (hello.complete) {
      if (this.#options.ja3) context.note(tlsNotes.ja3, offer.ja3.text);
      if (this.#options.ja4) context.note(tlsNotes.ja4, offer.ja4Over('q').text);
    } else context.anomaly(quicAnomalies.bad_hello, timeUs);
    if (context.details) noteClientHello(context, hello, 'q', this.#options);
    return true;
  }
}

/** Most of a client’s first packet is padding. */
function skipPadding(): void {
  const { bytes, position, left } = frames;
  const to = position + left;
  let at = position;
  while (at < to && bytes[at] === 0) at += 1;
  frames.skip(at - position);
}

/** RFC 9000 section 19.3: largest, delay, ranges; with 0x03 the counts of section 19.3.2. */
function skipAcknowledgement(type: number): void {
  varint(frames);
  varint(frames);
  const ranges = varint(frames);
  const numbers = 1 + 2 * ranges + (type === 0x03 ? 3 : 0);
  for (let index = 0; index < numbers && !frames.failed; index++) varint(frames);
}
