// Finds a value among many of one session: by its hash, where walking all of them at every note would take time that grows
// with their number squared. Made by the notes for sessions with much, and kept as long as their values stay in one piece.

export class NoteIndex {
  /** By hash: where the first value with it begins. */
  readonly #places = new Map<number, number>();
  /** Values by field. */
  readonly #counts = new Map<number, number>();

  add(number: number, hash: number, at: number): void {
    if (!this.#places.has(hash)) this.#places.set(hash, at);
    this.#counts.set(number, this.countOf(number) + 1);
  }

  /** Where the first value with this hash begins; -1: there is none, so the value is not there. */
  placeOf(hash: number): number {
    return this.#places.get(hash) ?? -1;
  }

  countOf(number: number): number {
    return this.#counts.get(number) ?? 0;
  }
}

/** FNV-1a, 32 bits, of a value `bytes[from, to)` of field `number`. */
export function hashOf(number: number, bytes: Buffer, from: number, to: number): number {
  let hash = Math.imul(number ^ 0x811c_9dc5, 0x0100_0193);
  for (let at = from; at < to; at += 1) hash = Math.imul(hash ^ (bytes[at] as number), 0x0100_0193);
  return hash;
}
