// How far the payload of a TCP direction came without a hole, by the segments' numbers alone: what Arkime counts as a
// session's data. Kept by the session tracker where somebody wants Arkime's documents; it looks at no payload.

/** Segments that wait behind a hole; with more the direction counts as incomplete. */
const heldMost = 256;

export class DeliveredBytes {
  /** Number of the next byte; -1 while not known. */
  next = -1;
  /** More segments came behind a hole than are kept. */
  isIncomplete = false;
  /** Start and end of each segment behind the hole, in the order of their coming. */
  readonly #held: number[] = [];

  clear(): void {
    this.next = -1;
    this.isIncomplete = false;
    this.#held.length = 0;
  }

  get hasHeld(): boolean {
    return this.#held.length > 0;
  }

  /** Takes a segment of `length` bytes. @returns bytes that are now in order and were not before */
  add(sequence: number, length: number): number {
    if (this.isIncomplete) return 0;
    const ahead = (sequence - this.next) | 0;
    if (ahead > 0) {
      if (this.#held.length >= heldMost * 2) this.isIncomplete = true;
      else this.#held.push(sequence, (sequence + length) >>> 0);
      return 0;
    }
    const fresh = ahead + length;
    if (fresh <= 0) return 0;
    this.next = (this.next + fresh) >>> 0;
    return fresh + (this.#held.length > 0 ? this.#takeHeld() : 0);
  }

  /** Is there a segment that waits and lies behind this one? */
  isBefore(sequence: number): boolean {
    for (let at = 0; at < this.#held.length; at += 2) if ((((this.#held[at] as number) - sequence) | 0) > 0) return true;
    return false;
  }

  #takeHeld(): number {
    const held = this.#held;
    let fresh = 0;
    for (let moved = true; moved; ) {
      moved = false;
      for (let at = 0; at < held.length; at += 2) {
        if ((((held[at] as number) - this.next) | 0) > 0) continue;
        const more = ((held[at + 1] as number) - this.next) | 0;
        if (more > 0) {
          fresh += more;
          this.next = held[at + 1] as number;
        }
        held.splice(at, 2);
        moved = true;
        break;
      }
    }
    return fresh;
  }
}
