// Batches for output plugins, made of records in rings (no copy) or in private memory (ordered and spilled records). Those of
// a ring are listed and copied by the addon (crates/capture/src/gather.rs), a batch at a time. Output workers only.

import { loadAddon } from '../capture/index.ts';
import type { Batch } from '../plugin/index.ts';
import type { RingReader } from '../ring/index.ts';

/** Words of a record's place: first byte, behind the last, record type. */
const placeWords = 3;
const firstPlaces = 1024;

/** Records in a row that lie in the same memory. */
interface Run {
  readonly source: Buffer;
  readonly isRing: boolean;
  readonly from: number;
  to: number;
}

/** A growing list of records; reused from batch to batch. */
export class RecordBatch implements Batch {
  count = 0;
  byteLength = 0;
  readonly #typeNames: readonly string[];
  readonly #addon = loadAddon();
  readonly #runs: Run[] = [];
  /** The run that was asked for last: batches are read from front to back. */
  #run = 0;
  #places: Uint32Array = new Uint32Array(firstPlaces * placeWords);

  /** `typeNames`: record type names by their number. */
  constructor(typeNames: readonly string[]) {
    this.#typeNames = typeNames;
  }

  clear(): void {
    this.count = 0;
    this.byteLength = 0;
    this.#runs.length = 0;
    this.#run = 0;
  }

  /** Adds encoded bytes `[start, end)` of `source`, which has to stay as it is until the batch is cleared. */
  add(source: Buffer, start: number, end: number, type: number): void {
    const index = this.count;
    const at = index * placeWords;
    if (at === this.#places.length) this.#grow();
    this.#places[at] = start;
    this.#places[at + 1] = end;
    this.#places[at + 2] = type;
    this.#extend(source, false, index + 1);
    this.byteLength += end - start;
  }

  /**
   * Adds the records of a ring that `reader.begin` has seen, until the batch has `mostBytes` or more. Returns whether there was
   * anything in the ring.
   */
  addFromRing(reader: RingReader, mostBytes: number): boolean {
    let seen = false;
    while (reader.position !== reader.end && this.byteLength < mostBytes) {
      const at = this.count * placeWords;
      if (at === this.#places.length) this.#grow();
      const room = this.#places.subarray(at);
      const listed = this.#addon.listRecords(
        reader.data,
        reader.position >>> 0,
        reader.end >>> 0,
        mostBytes - this.byteLength,
        room,
      );
      reader.passed(listed.position | 0);
      seen = true;
      if (listed.count > 0) this.#extend(reader.data, true, this.count + listed.count);
      this.byteLength += listed.bytes;
    }
    return seen;
  }

  record(index: number): Buffer {
    this.#check(index);
    return this.#runOf(index).source.subarray(this.#start(index), this.#end(index));
  }

  type(index: number): string {
    return this.#typeNames[this.typeNumber(index)] ?? 'unknown';
  }

  typeNumber(index: number): number {
    this.#check(index);
    return this.#places[index * placeWords + 2] as number;
  }

  length(index: number): number {
    this.#check(index);
    return this.#end(index) - this.#start(index);
  }

  copy(index: number, target: Buffer, at: number): number {
    this.#check(index);
    return at + this.#runOf(index).source.copy(target, at, this.#start(index), this.#end(index));
  }

  copyAll(target: Buffer, at: number): number {
    let end = at;
    for (const { source, isRing, from, to } of this.#runs) {
      if (isRing) {
        const places = this.#places.subarray(from * placeWords, to * placeWords);
        end = this.#addon.copyRecords(source, places, target, end);
      } else for (let index = from; index < to; index++) end = this.copy(index, target, end);
    }
    return end;
  }

  /** The batch in memory of its own, so that ring space can be given back while an output still holds it. */
  detach(): RecordBatch {
    const bytes = Buffer.allocUnsafe(this.byteLength);
    this.copyAll(bytes, 0);
    const copy = new RecordBatch(this.#typeNames);
    let at = 0;
    for (let index = 0; index < this.count; index++) {
      const end = at + this.length(index);
      copy.add(bytes, at, end, this.typeNumber(index));
      at = end;
    }
    return copy;
  }

  #start(index: number): number {
    return this.#places[index * placeWords] as number;
  }

  #end(index: number): number {
    return this.#places[index * placeWords + 1] as number;
  }

  #extend(source: Buffer, isRing: boolean, to: number): void {
    const last = this.#runs.at(-1);
    if (last !== undefined && last.source === source) last.to = to;
    else this.#runs.push({ source, isRing, from: this.count, to });
    this.count = to;
  }

  #runOf(index: number): Run {
    let number = this.#run;
    let run = this.#runs[number] as Run;
    while (index >= run.to) run = this.#runs[++number] as Run;
    while (index < run.from) run = this.#runs[--number] as Run;
    this.#run = number;
    return run;
  }

  #check(index: number): void {
    if (index < 0 || index >= this.count) throw new RangeError(`record ${index} of a batch of ${this.count}`);
  }

  #grow(): void {
    const places = new Uint32Array(this.#places.length * 2);
    places.set(this.#places);
    this.#places = places;
  }
}
