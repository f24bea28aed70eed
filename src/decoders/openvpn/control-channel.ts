// The control channel of one OpenVPN session: the messages of each side put in order (they may come twice and in any
// order), and the TLS handshake that their payloads are the stream of. Held by the decoder of the session; bounded. Never
// throws.

import type { ByteText, JsonText, SessionField } from '../../record/index.ts';
import type { DecoderContext, Direction, Transport } from '../contract.ts';
import { HandshakeReader } from '../tls-handshake/handshake-reader.ts';
import type { OpenvpnOptions } from './options.ts';

/** Messages that wait for one before them: senders have at most eight under way. */
const maxWaiting = 8;
const maxWaitingBytes = 2048;
const maxHandshakeBytes = 65_536;

/** What the handshake’s reader may say: notes, but no records and anomalies of a protocol that is not this session’s. */
class NotesOnly implements DecoderContext {
  readonly transport: Transport;
  readonly clientPort: number;
  readonly serverPort: number;
  readonly startUs: number;
  readonly details: boolean;
  handoverAt = 0;
  readonly #context: DecoderContext;

  constructor(context: DecoderContext) {
    this.transport = context.transport;
    this.clientPort = context.clientPort;
    this.serverPort = context.serverPort;
    this.startUs = context.startUs;
    this.details = context.details;
    this.#context = context;
  }

  emit(): void {}

  note(field: SessionField, value: ByteText | JsonText | string | number | boolean): void {
    this.#context.note(field, value);
  }

  protocol(): void {}

  isClientAddress(): boolean {
    return false;
  }

  anomaly(): void {}
}

/** The messages of one side. */
class Side {
  /** The one that opens the session has number 0 and no payload. */
  next = 1;
  /** Bytes that follow of this side's stream and that nobody wants. */
  skip = 0;
  readonly waiting: Map<number, Buffer> = new Map();
}

export class ControlChannel {
  readonly #reader: HandshakeReader;
  readonly #sides: readonly [Side, Side];

  constructor(context: DecoderContext, options: OpenvpnOptions) {
    this.#reader = new HandshakeReader();
    this.#sides = [new Side(), new Side()];
    const unused = { supported_ciphers: false, session_ids: false, certificate_chain: false };
    this.#reader.begin(
      new NotesOnly(context),
      { ...options, ...unused, max_handshake_bytes: maxHandshakeBytes },
      context.transport === 'udp' ? 'q' : 't',
    );
  }

  /** The handshake is over, or makes no sense. */
  get done(): boolean {
    return this.#reader.done;
  }

  /** A control message with its payload `[from, to)`. */
  message(direction: Direction, id: number, bytes: Buffer, from: number, to: number, timeUs: number): void {
    const side = this.#sides[direction];
    if (id !== side.next) {
      const isNear = id > side.next && id - side.next <= maxWaiting && to - from <= maxWaitingBytes;
      if (isNear && !side.waiting.has(id)) side.waiting.set(id, Buffer.from(bytes.subarray(from, to)));
      return;
    }
    this.#take(direction, side, bytes, from, to, timeUs);
    for (let held = side.waiting.get(side.next); held !== undefined; held = side.waiting.get(side.next)) {
      side.waiting.delete(side.next);
      this.#take(direction, side, held, 0, held.length, timeUs);
    }
  }

  end(timeUs: number): void {
    if (!this.#reader.done) this.#reader.end(false, timeUs);
  }

  #take(direction: Direction, side: Side, bytes: Buffer, from: number, to: number, timeUs: number): void {
    side.next++;
    const at = Math.min(to, from + side.skip);
    side.skip -= at - from;
    if (at < to && !this.#reader.done) side.skip += this.#reader.read(direction, bytes, at, to, timeUs);
  }
}
