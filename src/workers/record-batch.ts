// Batches for output plugins, made of records in rings (no copy) or in private memory (ordered and spilled records).
// Output workers only.

import type { Batch } from '../plugin/index.ts';
import { OutputLayout, type RingReader } from '../ring/index.ts';

/** A growing list of records; reused from batch to batch. */
export class RecordBatch implements Batch {
  count = 0;
  byteLength = 0;
  readonly #typeNames: readonly string[];
  readonly #sources: Buffer[] = [];
  #starts: Uint32Array = new Uint32Array(1024);
  #ends: Uint32Array = new Uint32Array(1024);
  #types: Uint8Array = new Uint8Array(1024);

  /** `typeNames`: record type names by their number. */
  constructor(typeNames: readonly string[]) {
    this.#typeNames = typeNames;
  }

  clear(): void {
    this.count = 0;
    this.byteLength = 0;
    this.#sources.length = 0;
  }

  /** Adds encoded bytes `[start, end)` of `source`, which has to stay as it is until the batch is cleared. */
  add(source: Buffer, start: number, end: number, type: number): void {
    const index = this.count;
    if (index === this.#starts.length) this.#grow();
    this.#sources.push(source);
    this.#starts[index] = start;
    this.#ends[index] = end;
    this.#types[index] = type;
    this.count = index + 1;
    this.byteLength += end - start;
  }

  /** Adds the record at `offset` of a ring. */
  addFromRing(reader: RingReader, offset: number): void {
    const data = reader.data;
    this.add(data, offset + OutputLayout.size, offset + reader.length, data[offset + OutputLayout.recordType] as number);
  }

  record(index: number): Buffer {
    this.#check(index);
    return (this.#sources[index] as Buffer).subarray(this.#starts[index], this.#ends[index]);
  }

  type(index: number): string {
    return this.#typeNames[this.typeNumber(index)] ?? 'unknown';
  }

  typeNumber(index: number): number {
    this.#check(index);
    return this.#types[index] as number;
  }

  length(index: number): number {
    this.#check(index);
    return (this.#ends[index] as number) - (this.#starts[index] as number);
  }

  copy(index: number, target: Buffer, at: number): number {
    this.#check(index);
    return at + (this.#sources[index] as Buffer).copy(target, at, this.#starts[index], this.#ends[index]);
  }

  /** The batch in memory of its own, so that ring space can be given back while an output still holds it. */
  detach(): RecordBatch {
    const bytes = Buffer.allocUnsafe(this.byteLength);
    const copy = new RecordBatch(this.#typeNames);
    let at = 0;
    for (let index = 0; index < this.count; index++) {
      const end = this.copy(index, bytes, at);
      copy.add(bytes, at, end, this.#types[index] as number);
      at = end;
    }
    return copy;
  }

  #check(index: number): void {
    if (index < 0 || index >= this.count) throw new RangeError(`record ${index} of a batch of ${this.count}`);
  }

  #grow(): void {
    const size = this.#starts.length * 2;
    const starts = new Uint32Array(size);
    starts.set(this.#starts);
    this.#starts = starts;
    const ends = new Uint32Array(size);
    ends.set(this.#ends);
    this.#ends = ends;
    const types = new Uint8Array(size);
    types.set(this.#types);
    this.#types = types;
  }
}
