// The small numbers noted last, of all sessions of a packet worker: decoders note codes with every message, and mostly the same
// ones, which are so known without a look at the session's values. Held by the notes. A number that is not found here may be there.

import { slotWordMemory } from './slot-memory.ts';

/** How many are known, a power of two. */
const places = 2048;
/** Numbers up to this one. */
const most = 65_535;

export class KnownNumbers {
  /** Slot, field and number, and the age of the slot's values. */
  readonly #slots: Int32Array = new Int32Array(places).fill(-1);
  readonly #numbers: Int32Array = new Int32Array(places);
  readonly #ages: Int32Array = new Int32Array(places);
  /** By slot: grows whenever values go. */
  readonly #age: Int32Array;

  constructor(slots: number) {
    this.#age = slotWordMemory(slots);
  }

  /** Can it be known? */
  static fits(value: unknown): value is number {
    return typeof value === 'number' && value === (value & most);
  }

  has(slot: number, field: number, value: number): boolean {
    const what = (field << 16) | value;
    const at = placeOf(slot, what);
    return this.#numbers[at] === what && this.#slots[at] === slot && this.#ages[at] === this.#age[slot];
  }

  add(slot: number, field: number, value: number): void {
    const what = (field << 16) | value;
    const at = placeOf(slot, what);
    this.#numbers[at] = what;
    this.#slots[at] = slot;
    this.#ages[at] = this.#age[slot] as number;
  }

  /** Values of the slot may have gone. */
  forget(slot: number): void {
    this.#age[slot] = (this.#age[slot] as number) + 1;
  }
}

function placeOf(slot: number, what: number): number {
  return Math.imul(slot ^ Math.imul(what, 0x9e37_79b1), 0x85eb_ca6b) >>> 21;
}
