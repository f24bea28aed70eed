// The details of one session, as `SessionDetails` has them: plain lists and counts that the tracker adds to. Made for a
// session when it opens and used again for others; only where somebody wants Arkime's document.

import { type SessionDetails, tcpFlagNames } from '../record/index.ts';

import { DeliveredBytes } from './delivered-bytes.ts';

/** First payload bytes that are kept of a direction. */
const firstPayloadBytes = 8;
/** Values of one list; what comes after them is left out. */
const distinctMost = 1000;

type Pair = [number, number];

interface FirstMessage {
  stream: number;
  ended: boolean;
}

export class SessionDetail implements SessionDetails {
  firstMs = 0;
  lastMs = 0;
  etherType = 0;
  readonly packets: Pair = [0, 0];
  readonly bytes: Pair = [0, 0];
  readonly payloadBytes: Pair = [0, 0];
  readonly tcpFlags = new Int32Array(tcpFlagNames.length);
  synUs = -1;
  ackUs = -1;
  readonly initialSequence: Pair = [-1, -1];
  /** As the SYN and the SYN-ACK had them, without Arkime's order of seeing; -1 not seen. */
  readonly ownSequence: Pair = [-1, -1];
  /** Number that the SYN-ACK acknowledged; -1 not seen. */
  answered = -1;
  /** A packet of the client acknowledged the SYN-ACK. */
  synAckValidated: boolean | undefined;
  initialSequences = 0;
  /** TCP: a SYN of either side was seen. */
  isStarted = false;
  /** SCTP: stream of the message that the first payload bytes are of, and whether it is whole. */
  readonly firstMessage: [FirstMessage, FirstMessage] = [
    { stream: -1, ended: false },
    { stream: -1, ended: false },
  ];
  /** Sequence number of the first payload byte, of SCTP the transmission number of the first message; -1 not known. */
  readonly payloadStart: Pair = [-1, -1];
  readonly firstPayloads = [new Uint8Array(firstPayloadBytes), new Uint8Array(firstPayloadBytes)] as const;
  /** A bit for each of those bytes that was seen. */
  readonly firstPayloadSeen: Pair = [0, 0];
  readonly ttls: [number[], number[]] = [[], []];
  readonly dscps: [number[], number[]] = [[], []];
  readonly macs: [string[], string[]] = [[], []];
  readonly outerMacs: [string[], string[]] = [[], []];
  readonly outerIps: [string[], string[]] = [[], []];
  readonly vlans: number[] = [];
  readonly dot1q: number[] = [];
  readonly dot1ad: number[] = [];
  readonly vnis: number[] = [];
  readonly carriers: string[] = [];
  communityId = '';
  readonly delivered = [new DeliveredBytes(), new DeliveredBytes()] as const;
  /** Packets that are kept of the session, and at most. */
  kept = 0;
  keepsMost = Number.POSITIVE_INFINITY;
  isUnwanted = false;
  oddName = '';
  isOddWanted = true;
  slot = 0;
  /** The capture file that the last position is in, where the sensor keeps no packets itself. */
  inputFile = 0;
  /** The tag that was given last. */
  lastTag = '';
  segment = 1;
  rootId = '';
  readonly positions: number[] = [];
  readonly lengths: number[] = [];
  readonly files: number[] = [];
  /** Where the positions are in index files; made for `indexed` of them. */
  places: number[] | undefined = undefined;
  indexed = 0;
  /** Bytes of them that are stored. */
  keptBytes = 0;
  /** So many of `positions` are final, and the file of the last of them. */
  resolved = 0;
  resolvedFile = 0;
  /** Packets of the session in all its parts, for what is looked at in the first ones only. */
  readonly seen: Pair = [0, 0];

  /** Also of fragments whose datagram never became whole, which Arkime does without. */
  get isHidden(): boolean {
    return this.isUnwanted || this.seen[0] + this.seen[1] === 0;
  }

  /** More came out of order than is kept; then nothing more of either side is followed. */
  get isIncomplete(): boolean {
    return this.delivered[0].isIncomplete || this.delivered[1].isIncomplete;
  }

  get synValidated(): boolean | undefined {
    const [syn, synAck] = this.ownSequence;
    if (syn < 0 && synAck < 0) return undefined;
    return syn >= 0 && synAck >= 0 && this.answered === (syn + 1) >>> 0;
  }

  get roundTripMs(): number {
    if (this.synUs < 0 || this.ackUs < 0) return -1;
    // Seconds and microseconds apart, as Arkime reckons it: the difference of the latter is cut toward zero.
    const secs = Math.floor(this.ackUs / 1e6) - Math.floor(this.synUs / 1e6);
    const us = (this.ackUs % 1e6) - (this.synUs % 1e6);
    return Math.trunc((secs * 1000 + Math.trunc(us / 1000)) / 2);
  }

  /** Only bytes without a hole before them. */
  firstPayload(direction: 0 | 1): string {
    const bytes = this.firstPayloads[direction];
    const seen = this.firstPayloadSeen[direction];
    let length = 0;
    while (length < firstPayloadBytes && (seen & (1 << length)) !== 0) length += 1;
    return length === 0 ? '' : Buffer.from(bytes.buffer, bytes.byteOffset, length).toString('hex');
  }

  /** Keeps what of `bytes[from, to)` is among the first payload bytes; `offset`: where it begins in the direction's payload. */
  keepPayload(direction: 0 | 1, offset: number, bytes: Uint8Array, from: number, to: number): void {
    const kept = this.firstPayloads[direction];
    let seen = this.firstPayloadSeen[direction];
    for (let at = Math.max(0, -offset); offset + at < firstPayloadBytes && from + at < to; at += 1) {
      const place = offset + at;
      if ((seen & (1 << place)) !== 0) continue;
      kept[place] = bytes[from + at] as number;
      seen |= 1 << place;
    }
    this.firstPayloadSeen[direction] = seen;
  }

  /** What each part counts for itself begins anew. */
  nextPart(): void {
    this.packets.fill(0);
    this.bytes.fill(0);
    this.payloadBytes.fill(0);
    this.tcpFlags.fill(0);
    this.initialSequence.fill(-1);
    this.ownSequence.fill(-1);
    this.answered = -1;
    this.synAckValidated = undefined;
    this.initialSequences = 0;
    this.synUs = -1;
    this.ackUs = -1;
    empty(this.positions);
    this.inputFile = 0;
    empty(this.lengths);
    empty(this.files);
    this.resolved = 0;
    this.places = undefined;
    this.indexed = 0;
    for (const list of this.ttls) empty(list);
    for (const list of this.dscps) empty(list);
    this.segment += 1;
  }

  /** Makes it as new, for another session. */
  clear(): void {
    this.nextPart();
    this.segment = 1;
    this.isStarted = false;
    this.lastTag = '';
    this.oddName = '';
    this.isOddWanted = true;
    this.kept = 0;
    this.rootId = '';
    this.payloadStart.fill(-1);
    for (const side of this.delivered) side.clear();
    this.firstPayloadSeen.fill(0);
    for (const list of this.macs) empty(list);
    for (const list of this.outerMacs) empty(list);
    for (const list of this.outerIps) empty(list);
    empty(this.vlans);
    empty(this.dot1q);
    empty(this.dot1ad);
    empty(this.vnis);
    empty(this.carriers);
    this.communityId = '';
    this.keptBytes = 0;
    this.seen.fill(0);
  }

  /** The directions change sides. */
  turn(): void {
    for (const pair of [this.packets, this.bytes, this.payloadBytes, this.payloadStart, this.firstPayloadSeen, this.seen])
      pair.reverse();
    for (const pair of [this.ttls, this.dscps, this.macs, this.outerMacs, this.outerIps] as unknown[][]) pair.reverse();
    const [first, second] = this.firstPayloads;
    const kept = first.slice();
    first.set(second);
    second.set(kept);
    const zero = this.tcpFlags[10] as number;
    this.tcpFlags[10] = this.tcpFlags[11] as number;
    this.tcpFlags[11] = zero;
  }
}

/** To set the length of a list calls the engine’s runtime, also where it is 0 already. */
function empty(list: unknown[]): void {
  if (list.length !== 0) list.length = 0;
}

/** Adds a value to a list that has not got it. */
export function addDistinct<T>(list: T[], value: T): void {
  // Lists are short, and mostly it is the last.
  for (let index = list.length - 1; index >= 0; index -= 1) if (list[index] === value) return;
  if (list.length < distinctMost) list.push(value);
}
