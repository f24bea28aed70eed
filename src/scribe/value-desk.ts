// The values of one record on their way to the addon: numbers as they are, bytes by the memory where they lie, and what has no
// bytes yet in memory of its own. Filled by what the record room makes of a record type; a packet worker, or the main thread.

import { ByteText, type FieldValue, JsonText, JsonWriter, type ValueSink } from '../record/index.ts';
import { FactValueLayout as Value, ValueKind } from '../ring/index.ts';
import type { Memories } from './memories.ts';

/** Values of a record at most: an index is a byte. */
const valuesMost = 256;
const entryWords = Value.size >> 2;
/** Bytes of smaller arrays are copied: such arrays have one text. */
const knownFrom = 256;
/** So many values of a record may lie in known memory: others are copied. */
const knownMost = 16;
const firstBytes = 1 << 14;
/** Longer records there are not. */
const bytesMost = 1 << 26;
/** From this length on the engine's copy costs less than a loop. */
const longCopy = 512;
/** The longest escape of a JSON string. */
const escapeMost = 6;

const memoryWord = Value.memory >> 2;
const fromWord = Value.from >> 2;
const toWord = Value.to >> 2;
const numberWord = Value.number >> 2;

export class ValueDesk implements ValueSink {
  /** `fact_value`s. */
  readonly entries: Uint8Array;
  /** A value was longer than any record. */
  overflow: boolean;
  readonly #words: Int32Array;
  readonly #numbers: Float64Array;
  /** Word behind the last entry. */
  #end: number;
  readonly #memories: Memories;
  #knownCount: number;
  /** Copied bytes, those of the record up to `#used`. */
  #bytes: Buffer;
  #used: number;
  readonly #writer: JsonWriter;

  constructor(memories: Memories) {
    const area = new ArrayBuffer(valuesMost * Value.size);
    this.entries = new Uint8Array(area);
    this.overflow = false;
    this.#words = new Int32Array(area);
    this.#numbers = new Float64Array(area);
    this.#end = 0;
    this.#memories = memories;
    this.#knownCount = 0;
    this.#bytes = Buffer.alloc(0);
    this.#used = 0;
    this.#writer = new JsonWriter();
  }

  begin(): void {
    this.#end = 0;
    this.#used = 0;
    this.#knownCount = 0;
    this.overflow = false;
    this.#memories.nextRecord();
  }

  get count(): number {
    return this.#end / entryWords;
  }

  put(index: number, value: FieldValue | null): void {
    const words = this.#words;
    const at = this.#end;
    if (typeof value === 'number') {
      const small = value | 0;
      if (small === value && small >= 0) {
        words[at] = index | (ValueKind.count << 16);
        words[at + fromWord] = small;
        this.#end = at + entryWords;
      } else if (Number.isSafeInteger(value)) this.#number(index | (ValueKind.number << 16), value);
      else this.#json(index, value);
    } else if (value instanceof JsonText) {
      const { bytes, from, to } = value;
      if (!this.#known(index | (ValueKind.json << 16), bytes, from, to)) this.#copyJson(index | (ValueKind.json << 16), value);
    } else if (value instanceof ByteText) {
      const { bytes, from, to } = value;
      if (!this.#known(index | (ValueKind.text << 16), bytes, from, to)) this.#copyText(index | (ValueKind.text << 16), value);
    } else if (typeof value === 'string') this.#string(index, value);
    else if (typeof value === 'boolean') {
      words[at] = index | (ValueKind.boolean << 16);
      words[at + fromWord] = value ? 1 : 0;
      this.#end = at + entryWords;
    } else if (value !== undefined && value !== null && (value as unknown[]).length !== 0) this.#json(index, value);
  }

  date(index: number, value: FieldValue | null): void {
    if (typeof value === 'number') this.#number(index | (ValueKind.date << 16), value);
    else this.put(index, value);
  }

  #number(head: number, value: number): void {
    const at = this.#end;
    this.#words[at] = head;
    this.#numbers[(at + numberWord) >> 1] = value;
    this.#end = at + entryWords;
  }

  /** Leaves bytes where they are, if that is known to the addon; there may be none. */
  #known(head: number, bytes: Uint8Array, from: number, to: number): boolean {
    if (to <= from) return true;
    if (bytes.length < knownFrom || this.#knownCount >= knownMost) return false;
    const memory = this.#memories.ofFrequent(bytes);
    if (memory < 0) return false;
    this.#knownCount += 1;
    this.#bytesAt(head, memory, from, to);
    return true;
  }

  #copyJson(head: number, value: JsonText): void {
    const start = this.#room(value.length);
    if (start < 0) return;
    const writer = this.#writer;
    writer.begin(this.#bytes, this.#bytes.length);
    this.#copied(head, start, writer.copy(start, value));
  }

  #copyText(head: number, { bytes, from, to }: ByteText): void {
    const start = this.#room(to - from);
    if (start < 0) return;
    const target = this.#bytes;
    let at = start;
    if (to - from >= longCopy) {
      target.set(bytes.subarray(from, to), start);
      at += to - from;
    } else for (let source = from; source < to; source += 1) target[at++] = bytes[source] as number;
    this.#copied(head, start, at);
  }

  #string(index: number, text: string): void {
    const length = text.length;
    if (length === 0) return;
    const start = this.#room(length);
    if (start < 0) return;
    const target = this.#bytes;
    for (let at = 0; at < length; at += 1) {
      const code = text.charCodeAt(at);
      // Others are more bytes than characters.
      if (code >= 0x80) {
        this.#json(index, text);
        return;
      }
      target[start + at] = code;
    }
    this.#copied(index | (ValueKind.text << 16), start, start + length);
  }

  /** What is no number and has no bytes. */
  #json(index: number, value: unknown): void {
    const writer = this.#writer;
    for (let room = typeof value === 'string' ? value.length * escapeMost + 2 : 1024; ; room *= 4) {
      const start = this.#room(room);
      if (start < 0) return;
      writer.begin(this.#bytes, this.#bytes.length);
      const end = writer.value(start, value);
      if (writer.overflow) continue;
      this.#copied(index | (ValueKind.json << 16), start, end);
      return;
    }
  }

  /** Where there is room for so many copied bytes; -1 where no record has. */
  #room(length: number): number {
    const end = this.#used + length;
    if (end > this.#bytes.length) {
      if (end > bytesMost) {
        this.overflow = true;
        return -1;
      }
      let size = Math.max(this.#bytes.length, firstBytes);
      while (size < end) size *= 2;
      const larger = Buffer.allocUnsafeSlow(size);
      this.#bytes.copy(larger, 0, 0, this.#used);
      this.#bytes = larger;
      this.#memories.setOwn(larger);
    }
    return this.#used;
  }

  #copied(head: number, from: number, to: number): void {
    this.#used = to;
    this.#bytesAt(head, 0, from, to);
  }

  #bytesAt(head: number, memory: number, from: number, to: number): void {
    const words = this.#words;
    const at = this.#end;
    words[at] = head;
    words[at + memoryWord] = memory;
    words[at + fromWord] = from;
    words[at + toWord] = to;
    this.#end = at + entryWords;
  }
}
