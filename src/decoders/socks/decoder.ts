// SOCKS 4, 4a and 5 (RFC 1928, RFC 1929) in one session: what the client asks for, up to the reply that opens the tunnel.
// Then the stream is handed over, and recognised anew, from what the client has sent without waiting for the reply on. Runs on
// packet workers.

import { tagsField } from '../../record/index.ts';
import { addressText } from '../address-text.ts';
import { type Decoder, type DecoderContext, type Direction, DONE, HANDOVER } from '../contract.ts';
import { textOf } from '../wire-text.ts';
import { socksAnomalies } from './anomalies.ts';
import { EarlySide } from './early-side.ts';
import { socksFields } from './fields.ts';
import {
  AddressType,
  addressBytes,
  greetingLength,
  Incomplete,
  isNamed,
  loginLength,
  Malformed,
  request4Length,
  request5Length,
} from './messages.ts';

/** What is due: from the client, then from the server. */
const Step = {
  /** The client's first message says the version. */
  opening: 0,
  method: 1,
  login: 2,
  loginReply: 3,
  request: 4,
  reply4: 5,
  reply5: 6,
  over: 7,
} as const;
type Step = (typeof Step)[keyof typeof Step];

const bindCommand = 2;

export class SocksDecoder implements Decoder {
  readonly #context: DecoderContext;
  readonly #sides: readonly [EarlySide, EarlySide];
  #step: Step = Step.opening;
  /** The direction that asks. */
  #client: Direction | undefined = undefined;
  /** Replies still to come before the tunnel is open. */
  #replies = 1;

  /** @param maxEarlyBytes most bytes of a side that are held until it is their turn, besides a message */
  constructor(context: DecoderContext, maxEarlyBytes: number) {
    this.#context = context;
    this.#sides = [new EarlySide(maxEarlyBytes), new EarlySide(maxEarlyBytes)];
  }

  data(direction: Direction, bytes: Buffer, from: number, to: number, timeUs: number): number {
    this.#client ??= direction;
    const otherDirection = direction === 0 ? 1 : 0;
    const side = this.#sides[direction];
    const before = side.length;
    let at = side.hold(bytes, from, to, timeUs);
    let read = 0;
    while (this.#step !== Step.over) {
      const turn = this.#sides[this.#isClientsTurn() === (this.#client === direction) ? direction : otherDirection];
      const length = this.#read(turn.bytes, turn.length, timeUs);
      if (length === Malformed) {
        this.#context.anomaly(socksAnomalies.bad_message, timeUs);
        return this.#giveUp();
      }
      if (length === Incomplete) {
        side.missing += to - at;
        return turn.missing > 0 ? this.#giveUp() : 0;
      }
      turn.drop(length);
      if (turn === side) {
        read += length;
        at = side.hold(bytes, at, to, timeUs);
      }
      if (this.#replies === 0) {
        this.#context.handoverAt = Math.max(from, from + read - before);
        this.#context.handoverHeld = this.#sides[otherDirection].take(otherDirection);
        this.#giveUp();
        return HANDOVER;
      }
    }
    return this.#giveUp();
  }

  skipped(): void {}

  /** Messages have no marks to find the next one by. */
  gap(): boolean {
    return false;
  }

  finished(): void {}

  end(): void {}

  /** Nothing more is read here. */
  #giveUp(): number {
    this.#step = Step.over;
    for (const side of this.#sides) side.clear();
    return DONE;
  }

  #isClientsTurn(): boolean {
    return this.#step === Step.opening || this.#step === Step.login || this.#step === Step.request;
  }

  /** Reads the message that is due from the beginning of `bytes[0, to)`; returns its length. */
  #read(bytes: Buffer, to: number, timeUs: number): number {
    switch (this.#step) {
      case Step.opening:
        return this.#opening(bytes, to);
      case Step.method:
        return this.#method(bytes, to, timeUs);
      case Step.login:
        return this.#login(bytes, to);
      case Step.loginReply:
        return this.#loginReply(bytes, to, timeUs);
      case Step.request:
        return this.#request(bytes, to);
      case Step.reply4:
        return this.#reply4(bytes, to, timeUs);
      default:
        return this.#reply5(bytes, to, timeUs);
    }
  }

  #opening(bytes: Buffer, to: number): number {
    if (to === 0) return Incomplete;
    if (bytes[0] === 5) {
      const length = greetingLength(bytes, 0, to);
      if (length > 0) this.#step = Step.method;
      return length;
    }
    const length = bytes[0] === 4 ? request4Length(bytes, 0, to) : Malformed;
    if (length <= 0) return length;
    const user = bytes.indexOf(0, 8);
    if (user > 8) this.#context.note(socksFields.name, textOf(bytes, 8, user));
    if (isNamed(bytes, 0)) this.#context.note(socksFields.host, textOf(bytes, user + 1, length - 1).toLowerCase());
    else this.#context.note(socksFields.ip, addressText(bytes, 4, 8));
    this.#context.note(socksFields.port, bytes.readUInt16BE(2));
    if (bytes[1] === bindCommand) this.#replies = 2;
    this.#step = Step.reply4;
    return length;
  }

  #method(bytes: Buffer, to: number, timeUs: number): number {
    if (to < 2) return Incomplete;
    const method = bytes[1] as number;
    if (bytes[0] !== 5) return Malformed;
    if (method === 0) this.#step = Step.request;
    else if (method === 2) this.#step = Step.login;
    else {
      // None is acceptable, or one whose messages only its parties can read (GSSAPI, private ones).
      if (method === 0xff) this.#context.anomaly(socksAnomalies.refused, timeUs);
      this.#step = Step.over;
    }
    return 2;
  }

  #login(bytes: Buffer, to: number): number {
    const length = loginLength(bytes, 0, to);
    if (length <= 0) return length;
    const user = textOf(bytes, 2, 2 + (bytes[1] as number));
    if (user !== '') this.#context.note(socksFields.name, user);
    this.#context.note(tagsField, 'socks:password');
    this.#step = Step.loginReply;
    return length;
  }

  #loginReply(bytes: Buffer, to: number, timeUs: number): number {
    if (to < 2) return Incomplete;
    if (bytes[0] !== 1) return Malformed;
    this.#step = Step.request;
    if (bytes[1] !== 0) {
      this.#context.anomaly(socksAnomalies.login_failed, timeUs);
      this.#context.note(tagsField, 'socks:auth-failed');
      this.#step = Step.over;
    }
    return 2;
  }

  #request(bytes: Buffer, to: number): number {
    const again = repeatedGreeting(bytes, to);
    if (again !== Incomplete) return again;
    const length = request5Length(bytes, 0, to);
    if (length <= 0) return length;
    const end = 4 + addressBytes(bytes, 0);
    if (bytes[3] === AddressType.host) this.#context.note(socksFields.host, textOf(bytes, 5, end).toLowerCase());
    else this.#context.note(socksFields.ip, addressText(bytes, 4, end));
    this.#context.note(socksFields.port, bytes.readUInt16BE(end));
    if (bytes[1] === bindCommand) this.#replies = 2;
    this.#step = Step.reply5;
    return length;
  }

  #reply4(bytes: Buffer, to: number, timeUs: number): number {
    if (to < 8) return Incomplete;
    if (bytes[0] !== 0 && bytes[0] !== 4) return Malformed;
    this.#replied(bytes[1] === 90, timeUs);
    return 8;
  }

  #reply5(bytes: Buffer, to: number, timeUs: number): number {
    const length = request5Length(bytes, 0, to);
    if (length > 0) this.#replied(bytes[1] === 0, timeUs);
    return length;
  }

  #replied(granted: boolean, timeUs: number): void {
    if (granted) {
      this.#replies--;
      return;
    }
    this.#context.anomaly(socksAnomalies.refused, timeUs);
    this.#step = Step.over;
  }
}

/** Length of the list of methods when the client has sent it twice before it was answered, as some do; else Incomplete. */
function repeatedGreeting(bytes: Buffer, to: number): number {
  // The third byte of a request is 0, as may be the last of a list of one; but a request says connect, bind or associate and goes on.
  if (to < 4 || bytes[0] !== 5 || bytes[1] !== 1 || bytes[3] !== 5) return Incomplete;
  return 3;
}
