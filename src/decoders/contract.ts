// What a protocol decoder is. A decoder turns the bytes of one session into transactions and into fields for the
// session's own record. It runs on a packet worker, sees no socket, clock, ring or logger, and never throws on bytes
// off the wire: it reports an anomaly and resynchronises or stops.
//
// Any cut of a stream into pieces gives the same records. `bytes` may lie in shared memory: read it, slice strings out
// of it, never keep it, never write to it.

import type { TObject } from 'typebox';
import type { Anomaly, ByteText, JsonText, RecordType, SessionField } from '../record/index.ts';
import type { FirstWord, HeadForms } from './payload-condition.ts';

/** 0: from the side that opened the session (client), 1: from the other side. */
export type Direction = 0 | 1;

/**
 * Answer of a probe. `certain` takes the session at once; `maybe` on one of the decoder's ports, or when nobody else wants
 * it; `faint` on one of its ports only. `needMore` is asked again with more bytes of the same stream, up to
 * `probeLimitBytes`.
 */
export const Verdict = { no: 0, maybe: 1, certain: 2, needMore: 3, faint: 4 } as const;
export type Verdict = (typeof Verdict)[keyof typeof Verdict];

/** Most bytes of one direction that are kept for probing. */
export const probeLimitBytes = 256;

/** Returned by `Decoder.data`: this decoder wants no more of this session. */
export const DONE = -1;
/**
 * Returned by `Decoder.data`: from `context.handoverAt` (an offset in the bytes just given) on, the stream of both
 * directions belongs to another protocol (CONNECT, STARTTLS, Upgrade); recognition starts anew. The decoder gets no
 * more data, but its `end` is still called at the end of the session.
 */
export const HANDOVER = -2;

/**
 * What carries a decoder's data. `ip`: each packet of an IP protocol without ports, from its header behind IP on (ICMP
 * too); `ethernet`: each frame of an EtherType that is not IP, from behind the EtherType on. Those two are told by number alone.
 */
export type Transport = 'tcp' | 'udp' | 'sctp' | 'ip' | 'ethernet';

/** Why a decoder's session ends. */
export type EndReason =
  | 'fin' // both sides closed
  | 'reset'
  | 'timeout' // idle
  | 'evicted' // table full
  | 'reused' // ports used by a new connection
  | 'stopped' // the sensor stops
  | 'rule' // a rule said so
  | 'handover'; // the stream went over to another protocol

/** How a transaction ended. Shared by all protocols. */
export type Outcome = 'success' | 'failure' | 'unanswered' | 'reset' | 'timeout' | 'truncated' | 'unsolicited';

/** Bytes that a decoder has taken of one direction and not read. */
export interface HeldBytes {
  readonly direction: Direction;
  /** They are `bytes[0, length)`, the first of them came at `timeUs`; nobody writes there any more. */
  readonly bytes: Buffer;
  readonly length: number;
  readonly timeUs: number;
  /** So many behind them were not held. */
  readonly missing: number;
}

/** What a decoder may ask of and tell to its session. Valid until the decoder's `end`, or until it was idle after `data`. */
export interface DecoderContext {
  readonly transport: Transport;
  /** Port of direction 0's sender and of the other side. */
  readonly clientPort: number;
  readonly serverPort: number;
  /** Time of the session's first packet, microseconds since 1970. */
  readonly startUs: number;
  /** Somebody reads Arkime's document: fields that are `only` for that are worth the work. */
  readonly details: boolean;
  /** Set before returning HANDOVER. */
  handoverAt: number;
  /** Name of the decoder that gets the stream after HANDOVER, when what follows is known; '', the default: recognition decides. */
  handoverTo?: string;
  /** Set before returning HANDOVER: what came of the other direction too early, and belongs to the next protocol, which gets it first. */
  handoverHeld?: HeldBytes | undefined;
  /**
   * Emits a transaction. The record is encoded before this returns, so it may be reused. `timeUs` is the record's
   * `@timestamp`: the time of the request (its first byte).
   */
  emit<R>(type: RecordType<R>, record: R, timeUs: number): void;
  /**
   * Adds a value to the session's own record; repeated values are kept once unless the field says otherwise, the number of values is bounded. The bytes of
   * a `ByteText` are copied before this returns. Empty text is passed over, but for fields with `empty` or `repeats`.
   */
  note(field: SessionField, value: ByteText | JsonText | string | number | boolean): void;
  /** Names a protocol of the session besides the decoder's own name, which recognition adds: `mdns`, `winrm`, `s7comm-plus`. */
  protocol(name: string): void;
  /** Are the 4 or 16 bytes at `at` the address of direction 0's sender? NAT shows itself where a peer is told another one. */
  isClientAddress(bytes: Uint8Array, at: number, length: number): boolean;
  /** Counts an anomaly; the first of its name in a session also makes an `anomaly` record. */
  anomaly(anomaly: Anomaly, timeUs: number): void;
}

export interface Decoder {
  /**
   * True while it holds nothing of its session: `end` would say nothing, and one that `create` has just made could go on in
   * its place. Asked after `data`. A session of datagrams then does without a decoder until its next one, and one that is
   * DONE for good. Only for decoders with `recycle`.
   */
  readonly isIdle?: boolean;
  /** Makes it what `create` makes for this context, of the same transport as before. Called after `end` or while it is idle, so that decoders can be used again. */
  recycle?(context: DecoderContext): void;
  /**
   * The next bytes `[from, to)` of one direction, in order. For UDP: one datagram's payload.
   * @returns 0; or n > 0 to skip the next n bytes of this direction after `to` (a body nobody wants); or DONE or HANDOVER.
   */
  data(direction: Direction, bytes: Buffer, from: number, to: number, timeUs: number): number;
  /**
   * A skip asked for by `data` is complete; `missing` of its `length` bytes were never seen. When the direction or the
   * session ends inside a skip, this comes first with the `length` that was passed, less than asked for.
   */
  skipped(direction: Direction, length: number, missing: number, timeUs: number): void;
  /**
   * `length` bytes of this direction were lost (0: unknown, the stream was picked up in its middle). The next data come from after the hole.
   * @returns false when the decoder cannot go on in this session.
   */
  gap(direction: Direction, length: number, timeUs: number): boolean;
  /** This direction's sender has closed it (FIN): no data will follow. */
  finished(direction: Direction, timeUs: number): void;
  /** The session is over: emit what is open. Called once, last. */
  end(reason: EndReason, timeUs: number): void;
}

export interface DecoderDefinition {
  /** snake_case, as in `network.protocol` and `[decoder.<name>]`. */
  readonly name: string;
  readonly title: string;
  readonly transports: readonly Transport[];
  /** Ports that turn a `maybe` into a certainty. */
  readonly ports: readonly number[];
  /** For transport `ip` the IP protocols, for `ethernet` the EtherTypes. */
  readonly numbers?: readonly number[];
  /** The name that recognition adds to the session instead of `name`, by the ports: `mdns`. */
  nameOf?(clientPort: number, serverPort: number): string;
  /** Sessions of it are saved in parts after so many seconds, where that is Arkime's way. */
  readonly saveSecs?: number;
  /** True: its own name is not added by recognition; the decoder says all names itself by `context.protocol`. */
  readonly namesItself?: boolean;
  /** When given: the only first bytes of a direction (UDP: of a datagram) for which `probe` can say other than `no`. */
  readonly firstBytes?: readonly number[];
  /** When given: `probe` says `no` to whatever has none of these forms. */
  readonly forms?: HeadForms;
  /** When given: of shorter datagrams `probe` says `no`, or wants more, which does not come. */
  readonly leastDatagram?: number;
  /**
   * When given: of fewer first bytes of a stream `probe` wants more, unless `firstBytes` or `forms` exclude them; so nobody has to ask
   * it about them.
   */
  readonly waitsBelow?: number;
  /** When given: of what begins so `probe` wants more while it is a word alone, and refuses a longer one; streams only. */
  readonly firstWord?: FirstWord;
  readonly records: readonly RecordType<never>[];
  readonly sessionFields: readonly SessionField[];
  /** Further session fields that the config asks for; the same objects each time for the same `options`. */
  configuredFields?(options: Readonly<Record<string, unknown>>): readonly SessionField[];
  readonly anomalies: readonly Anomaly[];
  /** Schema of `[decoder.<name>]`, every option with `description`, `default` and range; without `enabled` and `ports`, which all have. */
  readonly options: TObject;
  /**
   * Is this the first data of this protocol? Cheap, allocates nothing. `bytes[from, to)` is the start of what
   * `direction` sent (UDP: a datagram). Called for whichever direction speaks first, then for the other.
   */
  probe(direction: Direction, bytes: Buffer, from: number, to: number): Verdict;
  /** `options`: the checked `[decoder.<name>]` table with defaults filled in. */
  create(context: DecoderContext, options: Readonly<Record<string, unknown>>): Decoder;
}
