// What the session table knows of a TCP connection: its state and, for each direction, which sequence numbers were seen. The addon
// keeps it (crates/capture/src/tcp), for segments in walks and for those that are taken here one by one. Whether a SYN begins another
// connection is judged here, because a session ends then. Packet workers.

import { loadAddon, type TcpTracker as NativeTracker } from '../capture/index.ts';
import type { Direction } from '../decoders/index.ts';
import type { PacketView } from '../packet/index.ts';
import { TcpDeskLayout as Desk } from '../ring/index.ts';
import type { SessionTable } from './session-table.ts';
import { Side, Slot, State, slotShift } from './slot-layout.ts';

export const TcpFlag = { fin: 1, syn: 2, reset: 4, push: 8, acknowledgement: 16 } as const;

/** A SYN so far below the first data seen is the late one of the same connection. */
const lateSynBytes = 65_536;

export class TcpTracker {
  readonly #table: SessionTable;
  readonly #words: Int32Array;
  readonly #native: NativeTracker;
  /** `TcpDeskLayout`. */
  readonly #desk: Int32Array;
  readonly #track: () => void;
  readonly #account: () => void;

  constructor(table: SessionTable) {
    this.#table = table;
    this.#words = table.words;
    const desk = new ArrayBuffer(Desk.size);
    this.#desk = new Int32Array(desk);
    const { TcpTracker: Native } = loadAddon();
    this.#native = new Native(table.native, new Uint8Array(desk));
    this.#track = this.#native.tracker();
    this.#account = this.#native.accounter();
  }

  /**
   * Takes a segment: flags, SYN or reset, what it acknowledges, and its sequence numbers, these last only where it does not answer
   * `undecided` or `apart`. Gives a `TcpAnswer`.
   */
  track(view: PacketView, slot: number, direction: Direction): number {
    const desk = this.#desk;
    desk[Desk.ring >> 2] = this.#table.ringOf(view);
    desk[Desk.record >> 2] = view.base;
    desk[Desk.found >> 2] = slot * 2 + direction;
    this.#track();
    return desk[Desk.answer >> 2] as number;
  }

  /** Accounts the sequence numbers of the segment of which `track` has answered so. */
  account(): number {
    this.#account();
    return this.#desk[Desk.answer >> 2] as number;
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

  /** Where the stream's delivery has to begin: the lowest missing byte, or what comes next. */
  deliveryStart(slot: number, direction: Direction): number {
    return this.#native.deliveryStart(slot, direction);
  }

  /** Missing bytes of a direction. */
  gapBytes(slot: number, direction: Direction): number {
    const side = (slot << slotShift) + Slot.side0 + direction * 16;
    return this.#words[side + Side.missing] === 0 ? 0 : this.#native.gapBytes(slot, direction);
  }
}
