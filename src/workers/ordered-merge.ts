// Puts the records of all packet workers into one order for outputs with `ordered`: by logical time, then by the first
// packet of the session, then by the number of the record in its session. Each worker promises by watermarks that
// nothing earlier will follow; what lies before the least watermark can go out. Output workers only.
//
// Bounded: beyond `maxBytes` held back, the earliest records go out even so, and any later ones that turn up before
// them are counted as late.

interface Held {
  readonly timeUs: number;
  readonly packet: number;
  readonly index: number;
  readonly type: number;
  readonly bytes: Buffer;
}

function before(a: Held, b: Held): boolean {
  if (a.timeUs !== b.timeUs) return a.timeUs < b.timeUs;
  if (a.packet !== b.packet) return a.packet < b.packet;
  if (a.index !== b.index) return a.index < b.index;
  // Records without a session (stats) may tie; their bytes decide, so that the order does not hang on the workers.
  return Buffer.compare(a.bytes, b.bytes) < 0;
}

export class OrderedMerge {
  readonly #watermarks: Float64Array;
  readonly #maxBytes: number;
  /** Binary heap, earliest first. */
  readonly #heap: Held[] = [];
  #heldBytes = 0;
  #last: Held | undefined;
  /** Records that came after a later one had gone out. */
  lateRecords = 0;

  /** `producers`: workers whose watermarks count. */
  constructor(producers: number, maxBytes: number) {
    this.#watermarks = new Float64Array(producers).fill(Number.NEGATIVE_INFINITY);
    this.#maxBytes = maxBytes;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  get heldRecords(): number {
    return this.#heap.length;
  }

  /** Keeps a copy of a record. */
  add(bytes: Buffer, type: number, timeUs: number, packet: number, index: number): void {
    const held: Held = { timeUs, packet, index, type, bytes: Buffer.from(bytes) };
    if (this.#last !== undefined && before(held, this.#last)) this.lateRecords++;
    const heap = this.#heap;
    let at = heap.length;
    heap.push(held);
    this.#heldBytes += bytes.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(held, heap[parent] as Held)) break;
      heap[at] = heap[parent] as Held;
      at = parent;
    }
    heap[at] = held;
  }

  /** The producer will send nothing before `timeUs` any more; +Infinity: nothing at all. */
  watermark(producer: number, timeUs: number): void {
    if (timeUs > (this.#watermarks[producer] as number)) this.#watermarks[producer] = timeUs;
  }

  /** Takes the next record that may go out, or undefined. Its bytes are the caller's. */
  take(): { readonly bytes: Buffer; readonly type: number } | undefined {
    const heap = this.#heap;
    const first = heap[0];
    if (first === undefined) return undefined;
    let least = Number.POSITIVE_INFINITY;
    for (let producer = 0; producer < this.#watermarks.length; producer++)
      least = Math.min(least, this.#watermarks[producer] as number);
    if (!(first.timeUs < least) && this.#heldBytes <= this.#maxBytes && least !== Number.POSITIVE_INFINITY) return undefined;
    const last = heap.pop() as Held;
    if (heap.length > 0) this.#sink(last);
    this.#heldBytes -= first.bytes.length;
    this.#last = first;
    return first;
  }

  /** Forgets everything held back; returns how many records that were. */
  clear(): number {
    const records = this.#heap.length;
    this.#heap.length = 0;
    this.#heldBytes = 0;
    return records;
  }

  #sink(held: Held): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1] as Held, heap[child] as Held)) child++;
      if (!before(heap[child] as Held, held)) break;
      heap[at] = heap[child] as Held;
      at = child;
    }
    heap[at] = held;
  }
}
