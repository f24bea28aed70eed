// What the session table knows of a TCP connection: its state and, for each direction, which sequence numbers were seen.
// It keeps counts for every connection, also where no decoder wants the payload; it never looks at payload. Called by
// the session engine for every TCP packet, on a packet worker.

import type { CounterBlock } from '../counters/index.ts';
import type { Direction } from '../decoders/index.ts';
import type { PacketView } from '../packet/index.ts';
import { HoleLists } from './hole-list.ts';
import { sessionCounters } from './session-counters.ts';
import type { SessionTable } from './session-table.ts';
import { Side, SideByte, Slot, State, slotShift } from './slot-layout.ts';

export const TcpFlag = { fin: 1, syn: 2, reset: 4, push: 8, acknowledgement: 16 } as const;

/** Segments further from the stream than any window reaches (RFC 7323, 2.3) are not of it. */
const farBytes = 1 << 30;
/** So many of them in a row, in one direction, are the stream: the capture lost how it came there. */
const farSegments = 4;
/** A stream that was picked up in its middle may turn out to have begun so much earlier. */
const earlyBytes = 1 << 20;
/** A SYN so far below the first data seen is the late one of the same connection. */
const lateSynBytes = 65_536;
/** Where a reset may lie around the highest number seen when the receiver was not heard. */
const unknownWindow = 65_536;

const C = sessionCounters.index;

/** A SYN of both sides was seen. */
const handshaken = State.syn0 | State.syn1;

/** What `account` found. */
export const Fit = { plain: 0, outOfWindow: 1, anchoredAnew: 2 } as const;
export type Fit = (typeof Fit)[keyof typeof Fit];

export class TcpTracker {
  readonly #words: Int32Array;
  readonly #numbers: Float64Array;
  readonly #halves: Uint16Array;
  readonly #octets: Uint8Array;
  readonly #counters: CounterBlock;
  /** By slot * 2 + direction. */
  readonly #holes: HoleLists;

  constructor(table: SessionTable, counters: CounterBlock) {
    this.#words = table.words;
    this.#numbers = table.numbers;
    this.#halves = table.halves;
    this.#octets = table.octets;
    this.#counters = counters;
    this.#holes = new HoleLists(table.capacity * 2);
  }

  /** True when a packet with SYN on an existing session opens another connection on the same ports. */
  isReuse(view: PacketView, slot: number, direction: Direction): boolean {
    const words = this.#words;
    const base = slot << slotShift;
    const side = base + Slot.side0 + direction * 16;
    const state = words[base + Slot.state] as number;
    const first = (view.tcpSequence + 1) | 0;
    const hasSyn = (state & (State.syn0 << direction)) !== 0;
    if (hasSyn && words[side + Side.low] === first) return false;
    if ((state & State.closing) !== 0) return true;
    // A second SYN-ACK with another number on a living connection is noise, a SYN is not.
    if ((view.tcpFlags & TcpFlag.acknowledgement) !== 0) return false;
    if (hasSyn) return true;
    if ((state & (State.seen0 << direction)) !== 0) {
      const ahead = ((words[side + Side.low] as number) - first) | 0;
      return ahead < 0 || ahead > lateSynBytes;
    }
    if ((state & (State.acked0 << (1 - direction))) === 0) return false;
    const ahead = ((words[base + Slot.side0 + (1 - direction) * 16 + Side.acked] as number) - first) | 0;
    return ahead < 0 || ahead > lateSynBytes;
  }

  /** Is this SYN that of the connection at hand, known by its number or by what acknowledged it? */
  isFirst(view: PacketView, slot: number, direction: Direction): boolean {
    const words = this.#words;
    const base = slot << slotShift;
    const state = words[base + Slot.state] as number;
    const first = (view.tcpSequence + 1) | 0;
    return (state & (State.seen0 << direction)) !== 0 && words[base + Slot.side0 + direction * 16 + Side.low] === first;
  }

  /** Has the connection ended, as Arkime sees it: after a reset, or when the FINs of both sides are acknowledged? Once. */
  isClosed(base: number): boolean {
    const words = this.#words;
    const state = words[base + Slot.state] as number;
    if ((state & State.closing) !== 0) return false;
    if ((state & State.reset) !== 0) return true;
    const fins = State.fin0 | State.fin1;
    if ((state & fins) !== fins) return false;
    const ahead = (side: number, other: number): number =>
      ((words[base + other + Side.acked] as number) - (words[base + side + Side.top] as number)) | 0;
    return ahead(Slot.side0, Slot.side1) >= 0 && ahead(Slot.side1, Slot.side0) >= 0;
  }

  /** Notes a SYN. Call before `account`. */
  open(view: PacketView, slot: number, direction: Direction): void {
    const words = this.#words;
    const base = slot << slotShift;
    const side = base + Slot.side0 + direction * 16;
    const state = words[base + Slot.state] as number;
    if ((state & (State.syn0 << direction)) !== 0) {
      this.#retransmitted(side);
      return;
    }
    words[base + Slot.state] = state | (State.syn0 << direction);
    this.#octets[side * 4 + SideByte.windowScale] = view.tcpWindowScale;
    if ((state & (State.seen0 << direction)) !== 0) {
      // Later segments overtook the SYN: the stream begins here, not where it was picked up.
      const first = (view.tcpSequence + 1) | 0;
      const low = words[side + Side.low] as number;
      words[side + Side.low] = first;
      if (first !== low) this.#addHole(slot, side, direction, first, low, true);
    }
    if ((view.tcpFlags & TcpFlag.acknowledgement) === 0) this.#numbers[(base + Slot.synUs) >> 1] = view.timeUs;
  }

  #raiseAcked(side: number, number: number): void {
    const ahead = (number - (this.#words[side + Side.acked] as number)) | 0;
    if (ahead > 0 && ahead < farBytes) this.#words[side + Side.acked] = number;
  }

  /** Notes the acknowledgement number and the window of a packet with ACK. */
  acknowledge(view: PacketView, base: number, side: number, direction: Direction): void {
    const words = this.#words;
    const state = words[base + Slot.state] as number;
    const number = view.tcpAcknowledgement;
    if ((state & (State.acked0 << direction)) === 0) {
      words[base + Slot.state] = state | (State.acked0 << direction);
      words[side + Side.acked] = number;
    } else this.#raiseAcked(side, number);
    this.#halves[(side + Side.window) * 2] = view.tcpWindow;
    if (direction === 0 && (state & (State.established | handshaken)) === handshaken) {
      words[base + Slot.state] = (words[base + Slot.state] as number) | State.established;
      const taken = view.timeUs - (this.#numbers[(base + Slot.synUs) >> 1] as number);
      words[base + Slot.handshakeUs] = taken < 0 ? 0 : Math.min(taken, 0x7fff_ffff);
    }
  }

  /**
   * Is this reset to be believed? Its number must lie in the receiver's window (RFC 9293, 3.10.7), as far as both are
   * known; a reset that answers a SYN must acknowledge it.
   */
  acceptsReset(view: PacketView, slot: number, direction: Direction): boolean {
    const words = this.#words;
    const base = slot << slotShift;
    const state = words[base + Slot.state] as number;
    const side = base + Slot.side0 + direction * 16;
    const other = base + Slot.side0 + (1 - direction) * 16;
    if ((state & (State.seen0 << direction)) === 0) {
      if ((state & (State.seen0 << (1 - direction))) === 0 || (view.tcpFlags & TcpFlag.acknowledgement) === 0) return true;
      const number = view.tcpAcknowledgement;
      return (
        ((number - (words[other + Side.low] as number)) | 0) >= 0 && ((number - (words[other + Side.top] as number)) | 0) <= 0
      );
    }
    const number = view.tcpSequence;
    const top = words[side + Side.top] as number;
    if ((state & (State.acked0 << (1 - direction))) === 0) {
      const ahead = (number - top) | 0;
      return ahead >= -unknownWindow && ahead <= unknownWindow;
    }
    // From what the receiver expects, or what was seen if its acknowledgement is ahead of the capture, to its window's end.
    const acked = words[other + Side.acked] as number;
    const isBehind = ((acked - top) | 0) < 0;
    if (((number - (isBehind ? acked : top)) | 0) < -1) return false;
    return ((number - (isBehind ? top : acked)) | 0) <= this.#windowOf(state, other, direction);
  }

  /** Window of the side at `other` in bytes; as large as it may be when its scale is unknown. */
  #windowOf(state: number, other: number, direction: Direction): number {
    const window = this.#halves[(other + Side.window) * 2] as number;
    if ((state & handshaken) !== handshaken) return window * 16_384;
    const scale = this.#octets[other * 4 + SideByte.windowScale] as number;
    const ownScale = this.#octets[(other + (direction === 0 ? -16 : 16)) * 4 + SideByte.windowScale] as number;
    return scale === 255 || ownScale === 255 ? window : window << (scale < 14 ? scale : 14);
  }

  /**
   * Counts the sequence numbers `[start, start + length)`, and one more for a FIN.
   * @param side word of the side
   */
  account(slot: number, side: number, direction: Direction, start: number, length: number, fin: boolean): Fit {
    const words = this.#words;
    const base = slot << slotShift;
    const end = (start + length) | 0;
    const after = fin ? (end + 1) | 0 : end;
    const state = words[base + Slot.state] as number;
    if (start === words[side + Side.top] && (state & (State.seen0 << direction)) !== 0) {
      if (after === start) return Fit.plain;
      if ((words[side + Side.marks] as number) >>> 24 !== 0) this.#octets[side * 4 + SideByte.farSegments] = 0;
      words[side + Side.top] = after;
      const payload = (side + Side.payload) >> 1;
      this.#numbers[payload] = (this.#numbers[payload] as number) + length;
      if ((state & (State.topData0 << direction)) === 0) words[base + Slot.state] = state | (State.topData0 << direction);
      return Fit.plain;
    }
    return this.#accountApart(slot, side, direction, start, end, after);
  }

  /** `account` for what is not next in order. */
  #accountApart(slot: number, side: number, direction: Direction, start: number, end: number, after: number): Fit {
    const words = this.#words;
    const base = slot << slotShift;
    const state = words[base + Slot.state] as number;
    const length = (end - start) | 0;
    const fin = after !== end;
    if ((state & (State.seen0 << direction)) === 0) {
      this.#anchor(base, side, direction, start, after, length);
      return Fit.plain;
    }
    const top = words[side + Side.top] as number;
    const low = words[side + Side.low] as number;
    const distance = (start - top) | 0;
    if (distance > farBytes || distance < -farBytes) {
      const marks = side * 4 + SideByte.farSegments;
      this.#octets[marks] = (this.#octets[marks] as number) + 1;
      if ((this.#octets[marks] as number) < farSegments) {
        this.#count(C.tcp_out_of_window_packets);
        return Fit.outOfWindow;
      }
      this.forget(slot, direction);
      this.#anchor(base, side, direction, start, after, length);
      return Fit.anchoredAnew;
    }
    this.#octets[side * 4 + SideByte.farSegments] = 0;
    if (distance > 0) {
      this.#addHole(slot, side, direction, top, start, false);
      words[side + Side.top] = after;
      this.#addPayload(side, length);
      const bit = State.topData0 << direction;
      const now = words[base + Slot.state] as number;
      words[base + Slot.state] = after !== start ? now | bit : now & ~bit;
      return Fit.plain;
    }
    let fresh = 0;
    const lacking = (low - start) | 0;
    if (lacking > 0 && lacking <= earlyBytes && (state & (State.syn0 << direction)) === 0) {
      const reach = ((low - end) | 0) > 0 ? end : low;
      fresh += (reach - start) | 0;
      words[side + Side.low] = start;
      if (((low - reach) | 0) > 0) this.#addHole(slot, side, direction, reach, low, true);
    } else if (lacking > 0 && (state & (State.syn0 << direction)) !== 0 && start === ((low - 1) | 0) && length <= 1) {
      return Fit.plain; // a keep-alive before any data
    }
    const list = this.#holesOf(slot, direction, state);
    if (list !== 0) {
      const holes = this.#holes;
      const covered = holes.cover(list, start, end);
      fresh += covered;
      const finCovered = fin ? holes.cover(list, end, after) : 0;
      const missing = (words[side + Side.missing] as number) - covered - finCovered;
      words[side + Side.missing] = missing > 0 ? missing : 0;
      if (holes.count(list) === 0 && holes.forgotten(list) === 0) this.forget(slot, direction);
    }
    const beyond = (end - top) | 0;
    if (beyond > 0) fresh += beyond;
    if (((after - top) | 0) > 0) {
      words[side + Side.top] = after;
      words[base + Slot.state] = (words[base + Slot.state] as number) | (State.topData0 << direction);
    }
    if (fresh > 0) {
      this.#addPayload(side, fresh);
      if (beyond < fresh) {
        words[side + Side.outOfOrder] = (words[side + Side.outOfOrder] as number) + 1;
        this.#count(C.tcp_out_of_order_packets);
      }
    } else if (
      length > 1 ||
      (length === 1 && start !== ((top - 1) | 0)) ||
      (fin && length === 0 && (state & (State.fin0 << direction)) !== 0)
    ) {
      // One byte just below the top is a keep-alive (RFC 9293, 3.8.4), not a retransmission.
      this.#retransmitted(side);
    }
    return Fit.plain;
  }

  /** Begins the side's numbers anew at `start`. */
  #anchor(base: number, side: number, direction: Direction, start: number, after: number, length: number): void {
    const words = this.#words;
    words[side + Side.low] = start;
    words[side + Side.top] = after;
    this.#octets[side * 4 + SideByte.farSegments] = 0;
    this.#addPayload(side, length);
    const state = (words[base + Slot.state] as number) | (State.seen0 << direction);
    words[base + Slot.state] = after !== start ? state | (State.topData0 << direction) : state;
  }

  /** Where the stream's delivery has to begin: the lowest missing byte, or what comes next. */
  deliveryStart(slot: number, direction: Direction): number {
    const base = slot << slotShift;
    const list = this.#holesOf(slot, direction, this.#words[base + Slot.state] as number);
    if (list !== 0 && this.#holes.count(list) > 0) return this.#holes.firstStart(list);
    return this.#words[base + Slot.side0 + direction * 16 + Side.top] as number;
  }

  /**
   * Missing bytes of a direction. A missing number at the very top that only segments without data showed is taken to be
   * that of a FIN that was not captured, when it is missing alone or the other side has closed too.
   */
  gapBytes(slot: number, direction: Direction): number {
    const base = slot << slotShift;
    const words = this.#words;
    const side = base + Slot.side0 + direction * 16;
    const missing = (words[side + Side.missing] as number) >>> 0;
    const state = words[base + Slot.state] as number;
    if (missing === 0 || (state & ((State.topData0 | State.fin0) << direction)) !== 0) return missing;
    const list = this.#holesOf(slot, direction, state);
    if (list === 0 || this.#holes.count(list) === 0) return missing;
    const end = this.#holes.lastEnd(list);
    const isAlone = ((end - this.#holes.lastStart(list)) | 0) === 1;
    const isFin = end === words[side + Side.top] && (isAlone || (state & (State.fin0 << (1 - direction))) !== 0);
    return isFin ? missing - 1 : missing;
  }

  /** Lets the hole list of a direction go. */
  forget(slot: number, direction: Direction): void {
    const base = slot << slotShift;
    const bit = State.holes0 << direction;
    const state = this.#words[base + Slot.state] as number;
    if ((state & bit) === 0) return;
    this.#words[base + Slot.state] = state & ~bit;
    this.#holes.close(slot * 2 + direction);
  }

  /** After `table.flip`: what is kept beside the slot changes sides too. */
  flip(slot: number): void {
    const base = slot << slotShift;
    const words = this.#words;
    const state = words[base + Slot.state] as number;
    const pairs =
      State.syn0 |
      State.fin0 |
      State.seen0 |
      State.acked0 |
      State.holes0 |
      State.unknown0 |
      State.topData0 |
      State.heard0 |
      State.mac0;
    words[base + Slot.state] = (state & ~(pairs | (pairs << 1))) | ((state & pairs) << 1) | ((state >>> 1) & pairs);
    this.#holes.swap(slot * 2, slot * 2 + 1);
  }

  /** The hole list of a direction, 0 for none. */
  #holesOf(slot: number, direction: Direction, state: number): number {
    return (state & (State.holes0 << direction)) === 0 ? 0 : this.#holes.of(slot * 2 + direction);
  }

  #addHole(slot: number, side: number, direction: Direction, start: number, end: number, below: boolean): void {
    const words = this.#words;
    const base = slot << slotShift;
    words[side + Side.missing] = (words[side + Side.missing] as number) + ((end - start) | 0);
    const state = words[base + Slot.state] as number;
    const holes = this.#holes;
    let list = this.#holesOf(slot, direction, state);
    if (list === 0) {
      list = holes.open(slot * 2 + direction);
      if (list === 0) {
        this.#count(C.tcp_forgotten_holes);
        return;
      }
      words[base + Slot.state] = state | (State.holes0 << direction);
    }
    const before = holes.forgotten(list);
    if (below) holes.prepend(list, start, end);
    else holes.append(list, start, end);
    if (holes.forgotten(list) !== before) this.#count(C.tcp_forgotten_holes);
  }

  #addPayload(side: number, length: number): void {
    const payload = (side + Side.payload) >> 1;
    this.#numbers[payload] = (this.#numbers[payload] as number) + length;
  }

  #retransmitted(side: number): void {
    this.#words[side + Side.retransmitted] = (this.#words[side + Side.retransmitted] as number) + 1;
    this.#count(C.tcp_retransmitted_packets);
  }

  #count(counter: number): void {
    this.#counters[counter] = (this.#counters[counter] as number) + 1;
  }
}
