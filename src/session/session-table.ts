// The session table of one packet worker: slots in typed arrays, whose words all of this room reads and writes. The addon opens
// sessions, gives them back and finds them (crates/capture/src/session_table.rs), and has the timer wheel over them. Memory for all is
// there from the start; pages that are never touched cost nothing. The table knows nothing of TCP or decoders.

import { loadAddon, type SessionTable as NativeTable } from '../capture/index.ts';
import type { CounterBlock } from '../counters/index.ts';
import { namedValues } from '../named-values.ts';
import type { PacketView } from '../packet/index.ts';
import { type SessionEnd, sessionEnds } from '../record/index.ts';
import { TableDeskLayout as Desk } from '../ring/index.ts';
import { censusCounters, segmentCounters } from './session-census.ts';
import { Slot, State, slotShift, slotWords } from './slot-layout.ts';
import { pageAligned } from './slot-memory.ts';

/** Why sessions end, by their number. */
const reasons = namedValues(sessionEnds, (_end, index) => index);

export class SessionTable {
  readonly capacity: number;
  /** All slots as words, the same as floats, half-words and bytes. */
  readonly words: Int32Array;
  readonly numbers: Float64Array;
  readonly halves: Uint16Array;
  readonly octets: Uint8Array;
  /** Sessions that went or were turned: what was found before may be wrong after. */
  losses: number;
  readonly trackVlan: boolean;
  readonly trackVni: boolean;
  readonly native: NativeTable;
  /** `TableDeskLayout`, as words and as floats. */
  readonly #desk: Int32Array;
  readonly #told: Float64Array;
  readonly #close: () => void;
  readonly #takeDue: () => void;
  readonly #rings: Map<PacketView, number>;
  /** The view asked for last, and its number: with one source there is no other. */
  #view: PacketView | undefined;
  #ring: number;

  /** `counters`: of the set `sessionCounters`; the addon counts what it opens and closes there. */
  constructor(capacity: number, trackVlan: boolean, trackVni: boolean, counters: CounterBlock) {
    this.capacity = capacity;
    const slots = pageAligned(capacity * slotWords * 4);
    this.words = new Int32Array(slots);
    this.numbers = new Float64Array(slots);
    this.halves = new Uint16Array(slots);
    this.octets = new Uint8Array(slots);
    this.losses = 0;
    this.trackVlan = trackVlan;
    this.trackVni = trackVni;
    const desk = new ArrayBuffer(Desk.size);
    this.#desk = new Int32Array(desk);
    this.#told = new Float64Array(desk);
    const { SessionTable: Native } = loadAddon();
    const counted = new Uint8Array(counters.buffer, counters.byteOffset, counters.byteLength);
    this.native = new Native(this.octets, new Uint8Array(desk), counted, censusCounters, segmentCounters);
    this.#close = this.native.closer();
    this.#takeDue = this.native.dueTaker();
    this.#rings = new Map();
    this.#view = undefined;
    this.#ring = 0;
  }

  get size(): number {
    return this.#desk[Desk.sessions >> 2] as number;
  }

  get isFull(): boolean {
    return this.size === this.capacity;
  }

  /** Slots that were ever used: 0 to this, exclusive. */
  get highWater(): number {
    return this.#desk[Desk.highWater >> 2] as number;
  }

  /** The clock from which a session may be over; +Infinity before the wheel is started. */
  get nextUs(): number {
    return this.#told[Desk.nextUs >> 3] as number;
  }

  /** Every deadline before this has been given out; -Infinity before the wheel is started. */
  get pastUs(): number {
    return this.#told[Desk.pastUs >> 3] as number;
  }

  /** Number of a view's ring for the addon. */
  ringOf(view: PacketView): number {
    if (view === this.#view) return this.#ring;
    let ring = this.#rings.get(view);
    if (ring === undefined) {
      ring = this.native.addRing(view.bytes);
      this.#rings.set(view, ring);
    }
    this.#view = view;
    this.#ring = ring;
    return ring;
  }

  /** From now on sessions only go, until there is none: each is spared its place in the index, and the misses that cost. */
  empty(): void {
    this.native.empty();
    this.losses += 1;
  }

  /** Counts a session as ended, gives its slot back and takes it out of the wheel. Its words stay readable until it is taken again. */
  close(slot: number, reason: Exclude<SessionEnd, 'part'>): void {
    this.#desk[Desk.session >> 2] = slot;
    this.#desk[Desk.reason >> 2] = reasons[reason];
    this.#close();
    this.losses += 1;
  }

  /** The next slot whose bucket of the wheel is over and whose deadline is past, taken out of the wheel, or -1. */
  takeDue(): number {
    this.#takeDue();
    return this.#desk[Desk.session >> 2] as number;
  }

  /** The clock at which the idle time of a session is over. */
  deadlineUs(slot: number): number {
    const base = slot << slotShift;
    return (this.numbers[(base + Slot.clockUs) >> 1] as number) + (this.words[base + Slot.idleMs] as number) * 1000;
  }

  /** Makes the other side direction 0: addresses, ports and both sides change places. */
  flip(slot: number): void {
    this.losses += 1;
    const words = this.words;
    const base = slot << slotShift;
    for (let word = 0; word < 4; word += 1) swap(words, base + Slot.addressA + word, base + Slot.addressB + word);
    // The digest's words have changed places.
    words[base + Slot.state] = (words[base + Slot.state] as number) & ~State.digest;
    const ports = words[base + Slot.ports] as number;
    words[base + Slot.ports] = (ports << 16) | (ports >>> 16);
    for (let word = 0; word < 16; word += 1) swap(words, base + Slot.side0 + word, base + Slot.side1 + word);
    this.native.flip(slot);
  }
}

function swap(words: Int32Array, left: number, right: number): void {
  const kept = words[left] as number;
  words[left] = words[right] as number;
  words[right] = kept;
}
