// The session table of one packet worker: slots in typed arrays and an open-addressing index from flow to slot. The session
// engine puts sessions in and takes them out; the addon looks them up (crates/capture/src/follow). It allocates everything at the
// start; pages that are never touched cost nothing. It knows nothing of time, TCP or decoders.

import type { PacketView } from '../packet/index.ts';
import { SessionIndex } from '../ring/index.ts';
import { noBucket, Slot, State, slotShift, slotWords } from './slot-layout.ts';

/** `ipVersion` and `protocol` of `PacketView.headWord`. */
const identityMask = 0x00ff_ff00;
/** Hashes share bits because the worker was chosen by them. */
const spread = SessionIndex.spread | 0;
const smallestIndexBits = 12;
const slotMask = SessionIndex.sessionMask;

/** What there is of it without the types of a browser. */
declare const WebAssembly: {
  readonly Memory: new (pages: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer };
};
const wasmPageBytes = 65_536;
const maxWasmPages = 65_536;

/**
 * Memory at a page boundary, which no other buffer promises: a slot then takes up four cache lines and not parts of five.
 * Pages that are never touched take nothing.
 */
function pageAligned(bytes: number): ArrayBuffer {
  const pages = Math.ceil(bytes / wasmPageBytes);
  if (pages > maxWasmPages) return new ArrayBuffer(bytes);
  return new WebAssembly.Memory({ initial: pages, maximum: pages }).buffer;
}

export class SessionTable {
  readonly capacity: number;
  /** All slots as words, the same as floats, half-words and bytes. */
  readonly words: Int32Array;
  readonly numbers: Float64Array;
  readonly halves: Uint16Array;
  readonly octets: Uint8Array;
  size: number;
  /** Sessions that went or were turned: what was found before may be wrong after. */
  losses: number;
  readonly trackVlan: boolean;
  readonly trackVni: boolean;
  /** Told of the index when it is another one. */
  onIndex: (index: Int32Array) => void;
  /** Entries `tag << 24 | slot + 1`; 0 is empty. Grows with the table, so that a small table has a small index. */
  #index: Int32Array;
  #mask: number;
  #shift: number;
  #free: number;
  #fresh: number;
  /** All sessions go: the index is empty already. */
  #emptying: boolean;

  constructor(capacity: number, trackVlan: boolean, trackVni: boolean) {
    this.capacity = capacity;
    const slots = pageAligned(capacity * slotWords * 4);
    this.words = new Int32Array(slots);
    this.numbers = new Float64Array(slots);
    this.halves = new Uint16Array(slots);
    this.octets = new Uint8Array(slots);
    this.size = 0;
    this.losses = 0;
    this.onIndex = () => {};
    this.#index = new Int32Array(1 << smallestIndexBits);
    this.#mask = (1 << smallestIndexBits) - 1;
    this.#shift = 32 - smallestIndexBits;
    this.trackVlan = trackVlan;
    this.trackVni = trackVni;
    this.#free = -1;
    this.#fresh = 0;
    this.#emptying = false;
  }

  /** Entries by hash, which the addon looks packets up in. */
  get index(): Int32Array {
    return this.#index;
  }

  get isFull(): boolean {
    return this.size === this.capacity;
  }

  /** Slots that were ever used: 0 to this, exclusive. */
  get highWater(): number {
    return this.#fresh;
  }

  /**
   * Takes a slot for the packet's session and writes its identity; all other words are 0. `direction` is that of the
   * packet. The table must not be full.
   */
  insert(view: PacketView, hash: number, direction: 0 | 1): number {
    const words = this.words;
    let slot = this.#free;
    if (slot >= 0) {
      this.#free = words[(slot << slotShift) + Slot.next] as number;
      // A loop, because `fill` costs more to call than this costs to run; fresh slots are 0 anyway.
      const numbers = this.numbers;
      const first = (slot << slotShift) >> 1;
      for (let number = first; number < first + slotWords / 2; number += 1) numbers[number] = 0;
    } else slot = this.#fresh++;
    const base = slot << slotShift;
    const source = base + direction * 4;
    const destination = base + 4 - direction * 4;
    for (let word = 0; word < 4; word += 1) {
      words[source + word] = view.sourceWord(word);
      words[destination + word] = view.destinationWord(word);
    }
    const ports = view.portsWord;
    words[base + Slot.ports] = direction === 0 ? ports : (ports << 16) | (ports >>> 16);
    words[base + Slot.protocol] = view.headWord & identityMask;
    words[base + Slot.vni] = view.vni;
    words[base + Slot.hash] = hash;
    words[base + Slot.bucket] = noBucket;
    words[base + Slot.vlansLow] = vlanWord(view);
    const count = view.vlanCount;
    words[base + Slot.vlansHigh] = (count > 2 ? view.vlan(2) : 0) | (count << 16);
    this.size += 1;
    if (this.size * 2 > this.#mask) this.#grow();
    this.#enter(slot, hash);
    return slot;
  }

  #enter(slot: number, hash: number): void {
    const mixed = Math.imul(hash, spread);
    let at = mixed >>> this.#shift;
    while (this.#index[at] !== 0) at = (at + 1) & this.#mask;
    this.#index[at] = (mixed << 24) | (slot + 1);
  }

  /** Doubles the index, which is never more than half full: probe sequences stay short. */
  #grow(): void {
    const old = this.#index;
    this.#shift -= 1;
    this.#mask = this.#mask * 2 + 1;
    this.#index = new Int32Array(this.#mask + 1);
    for (let at = 0; at < old.length; at += 1) {
      const entry = old[at] as number;
      if (entry === 0) continue;
      const slot = (entry & slotMask) - 1;
      this.#enter(slot, this.words[(slot << slotShift) + Slot.hash] as number);
    }
    this.onIndex(this.#index);
  }

  /** From now on sessions only go, until there is none: each is spared its place in the index, and the misses that cost. */
  empty(): void {
    this.#emptying = this.size > 0;
    this.#index.fill(0);
    this.losses += 1;
  }

  /** Gives a slot back. Its words stay readable until the next `insert`. */
  remove(slot: number): void {
    const words = this.words;
    const base = slot << slotShift;
    if (!this.#emptying) this.#leave(slot, base);
    words[base + Slot.next] = this.#free;
    this.#free = slot;
    this.size -= 1;
    this.losses += 1;
    if (this.size === 0) this.#emptying = false;
  }

  #leave(slot: number, base: number): void {
    const words = this.words;
    const index = this.#index;
    const mask = this.#mask;
    let hole = Math.imul(words[base + Slot.hash] as number, spread) >>> this.#shift;
    while (((index[hole] as number) & slotMask) !== slot + 1) hole = (hole + 1) & mask;
    // Entries behind the hole move up as long as that brings them no further than their own place: no tombstones.
    for (let at = (hole + 1) & mask; ; at = (at + 1) & mask) {
      const entry = index[at] as number;
      if (entry === 0) break;
      const hash = words[(((entry & slotMask) - 1) << slotShift) + Slot.hash] as number;
      const home = Math.imul(hash, spread) >>> this.#shift;
      if (((at - home) & mask) < ((at - hole) & mask)) continue;
      index[hole] = entry;
      hole = at;
    }
    index[hole] = 0;
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
  }
}

function vlanWord(view: PacketView): number {
  const count = view.vlanCount;
  return (count > 0 ? view.vlan(0) : 0) | ((count > 1 ? view.vlan(1) : 0) << 16);
}

function swap(words: Int32Array, left: number, right: number): void {
  const kept = words[left] as number;
  words[left] = words[right] as number;
  words[right] = kept;
}
