// Values that decoders add to their session's own record: distinct, bounded in number, length and memory. They are kept as
// finished JSON in the chunks of an arena, so that a session with values needs no object. One a packet worker; flows add,
// the addon writes them into records (crates/capture/src/facts). tools/fact-layout.ts draws the chunks.
//
// What a call is about is made one piece first; several calls about one session do that once, and of sessions with much a
// few stay in one piece: such a session gets more all the time, between others.

import type { CounterBlock } from '../counters/index.ts';
import { ByteText, JsonText, JsonWriter, type SessionField } from '../record/index.ts';
import { NoteChunk } from '../ring/index.ts';
import type { NotedFields } from '../scribe/index.ts';
import { BlockArena } from './block-arena.ts';
import { KnownNumbers } from './known-numbers.ts';
import { hashOf, NoteIndex } from './note-index.ts';
import { type NotePiece, NotePieces, smallestPiece } from './note-pieces.ts';
import { endOfCharacters, isInsidePair, sumText, sumWidth } from './note-text.ts';
import { NotedField } from './noted-field.ts';
import type { SessionConfig } from './session-config.ts';
import { sessionCounters } from './session-counters.ts';
import { slotWordMemory } from './slot-memory.ts';

const C = sessionCounters.index;

const chunkBytes = NoteChunk.bytes;
const chunkWords = chunkBytes >> 2;
/** Words of values in the first chunk, and in each other one. */
const firstWords = chunkWords - (NoteChunk.firstHead >> 2);
const laterWords = chunkWords - (NoteChunk.laterHead >> 2);
/** Bytes of a field's number and of a length: for nearly all values, and at most. */
const headUsual = 3;
const headMost = 7;
/** The longest number as JSON, and some room. */
const numberBytes = 32;
/** Sessions with so many bytes of values stay in one piece while others are at hand. */
const keptFromBytes = 384;
/** Fields have numbers of two bytes; 0 is for those beyond. */
const numberMost = 65_535;
/** From so many bytes of values on a session has an index of them, once they were walked more than so many times in one piece. */
const indexFromBytes = 2048;
const walksMost = 4;

export class SessionNotes implements NotedFields {
  readonly #config: SessionConfig;
  readonly #counters: CounterBlock;
  readonly #chunks: BlockArena;
  /** First chunk of a session, by slot; 0 none. */
  readonly #heads: Int32Array;
  readonly #fields: Map<SessionField, NotedField>;
  readonly #writer: JsonWriter;
  /** The values of `#slot` in one piece: `#flat[0, #length)`; the last chunk, and the word of `#words` that is behind it. */
  #slot: number;
  #flat: Buffer;
  #words: Int32Array;
  #length: number;
  #last: number;
  #lastEnd: number;
  /** A bit for each number (modulo 32) among the values of `#slot`. */
  #present: number;
  /** Where the values of `#slot` are, when they are many. */
  #index: NoteIndex | undefined;
  #walks: number;
  readonly #pieces: NotePieces;
  readonly #known: KnownNumbers;
  #joined: Buffer;
  readonly #answer: JsonText;
  readonly #byNumber: (NotedField | undefined)[];

  constructor(slots: number, config: SessionConfig, counters: CounterBlock) {
    this.#config = config;
    this.#counters = counters;
    this.#chunks = new BlockArena(chunkBytes, config.note_total_bytes);
    this.#heads = slotWordMemory(slots);
    this.#fields = new Map();
    this.#writer = new JsonWriter();
    this.#slot = -1;
    this.#flat = Buffer.alloc(0);
    this.#words = new Int32Array(0);
    this.#length = 0;
    this.#last = 0;
    this.#lastEnd = 0;
    this.#present = 0;
    this.#index = undefined;
    this.#walks = 0;
    this.#pieces = new NotePieces();
    this.#known = new KnownNumbers(slots);
    this.#joined = Buffer.alloc(0);
    this.#answer = new JsonText(this.#flat, 0, 0);
    this.#byNumber = [undefined];
    this.#makeRoom(smallestPiece - chunkBytes);
  }

  /** Empty text is no value, but for fields that say so. @returns whether the session has a value now that it had not before */
  add(slot: number, field: SessionField, value: ByteText | JsonText | string | number | boolean): boolean {
    const noted = this.#fieldOf(field);
    const { number, names } = noted;
    if (noted.sum) {
      this.#turnTo(slot);
      this.#addUp(slot, number, value as number);
      return true;
    }
    if (noted.repeats || !KnownNumbers.fits(value)) return this.#addNew(slot, noted, value);
    if (this.#known.has(slot, number, value)) return false;
    const dropped = this.#counters[C.dropped_note_values];
    const isNew = this.#addNew(slot, noted, names?.[value] ?? value);
    if (this.#counters[C.dropped_note_values] === dropped) this.#known.add(slot, number, value);
    return isNew;
  }

  #addNew(slot: number, field: NotedField, value: ByteText | JsonText | string | number | boolean): boolean {
    const isEmpty = value === '' || (value instanceof ByteText && value.from === value.to);
    if (isEmpty && !field.empty) return false;
    this.#turnTo(slot);
    const { number } = field;
    // Written where it stays if it is new.
    const own = this.#length + headUsual;
    const length = this.#encode(value, own) - own;
    const bit = 1 << (number & 31);
    const count = (this.#present & bit) === 0 ? 0 : this.#count(field, own, length);
    if (count < 0) return false;
    const before = this.#length;
    if (number === 0 || count >= this.#config.max_note_values || !this.#append(slot, number, length)) {
      this.#counters[C.dropped_note_values] = (this.#counters[C.dropped_note_values] as number) + 1;
      return false;
    }
    this.#present |= bit;
    this.#index?.add(number, hashOf(number, this.#flat, this.#length - length, this.#length), before);
    return true;
  }

  /** Values of a field; -1: one is there already that the one at `own` does not go beside. */
  #count({ number, many, repeats }: NotedField, own: number, length: number): number {
    if (this.#length >= indexFromBytes && this.#index === undefined && ++this.#walks > walksMost) this.#index = this.#newIndex();
    if (this.#index !== undefined) {
      const count = this.#index.countOf(number);
      if (count === 0 || repeats) return count;
      if (!many) return -1;
      const place = this.#index.placeOf(hashOf(number, this.#flat, own, own + length));
      if (place < 0) return count;
      if (this.#numberAt(place) === number && this.#size(place) === length && this.#isSame(this.#start(place), own, length))
        return -1;
      // Another value with its hash.
    }
    let count = 0;
    for (let at = 0; at < this.#length; ) {
      const start = this.#start(at);
      const size = this.#size(at);
      if (this.#numberAt(at) === number) {
        if (!many || (size === length && !repeats && this.#isSame(start, own, size))) return -1;
        count += 1;
      }
      at = start + size;
    }
    return count;
  }

  #newIndex(): NoteIndex {
    const index = new NoteIndex();
    for (let at = 0; at < this.#length; ) {
      const start = this.#start(at);
      const end = start + this.#size(at);
      const number = this.#numberAt(at);
      index.add(number, hashOf(number, this.#flat, start, end), at);
      at = end;
    }
    return index;
  }

  /** Takes a value of a field away, or all of them where `value` is undefined. */
  remove(slot: number, field: SessionField, value?: string | number | boolean): void {
    const wanted = this.#fields.get(field)?.number;
    if (this.#heads[slot] === 0 || wanted === undefined) return;
    this.#turnTo(slot);
    this.#known.forget(slot);
    const own = this.#length + headUsual;
    const size = value === undefined ? 0 : this.#encode(value, own) - own;
    this.#keepOnly(slot, (number, start, end) => {
      if (number !== wanted) return true;
      return value !== undefined && (end - start !== size || !this.#isSame(start, own, size));
    });
  }

  /**
   * What was noted for a field, as the record has it: an array for those that collect values. The same object each time,
   * valid until the next call.
   */
  noted(slot: number, field: SessionField): JsonText | undefined {
    if (this.#heads[slot] === 0) return undefined;
    const number = this.#fields.get(field)?.number;
    if (number === undefined) return undefined;
    this.#turnTo(slot);
    if ((this.#present & (1 << (number & 31))) === 0) return undefined;
    return field.many ? this.#all(number) : this.#first(number);
  }

  /** Has a value of one of these fields ever been noted? */
  knowsAny(fields: readonly SessionField[]): boolean {
    return fields.some((field) => this.#fields.has(field));
  }

  /** By slot: the first chunk of a session's values; 0 none. */
  get heads(): Int32Array {
    return this.#heads;
  }

  /** The first chunk of a session's values; 0 none. */
  headOf(slot: number): number {
    return this.#heads[slot] as number;
  }

  /** The field of a value by its number. */
  fieldOf(number: number): SessionField | undefined {
    return this.#byNumber[number]?.field;
  }

  /** Who is told of all memory that the chunks have and will have. */
  onMemory(tell: (slab: Uint8Array) => void): void {
    this.#chunks.onSlab(tell);
  }

  /** A part of the session was saved: single values stay, collected ones begin anew. */
  nextPart(slot: number): void {
    if (this.#heads[slot] === 0) return;
    this.#turnTo(slot);
    this.#known.forget(slot);
    this.#keepOnly(slot, (number) => this.#byNumber[number]?.linked === true);
  }

  /** Of the values of `#slot`, those of which `keeps` says so. */
  #keepOnly(slot: number, keeps: (number: number, start: number, end: number) => boolean): void {
    const length = this.#length;
    let kept = 0;
    for (let at = 0; at < length; ) {
      const start = this.#start(at);
      const end = start + this.#size(at);
      if (keeps(this.#numberAt(at), start, end)) {
        this.#flat.copyWithin(kept, at, end);
        kept += end - at;
      }
      at = end;
    }
    this.#freeChunks(slot);
    this.#index = undefined;
    this.#last = 0;
    this.#lastEnd = 0;
    this.#length = 0;
    if (kept > 0) this.#store(slot, kept);
    this.#findPresent();
  }

  /** The session has ended. */
  forget(slot: number): void {
    if (this.#heads[slot] === 0) return;
    this.#known.forget(slot);
    this.#freeChunks(slot);
    if (this.#slot === slot) this.#slot = -1;
    else this.#pieces.forget(slot);
  }

  #fieldOf(field: SessionField): NotedField {
    const known = this.#fields.get(field);
    if (known !== undefined) return known;
    const count = this.#byNumber.length;
    const noted = new NotedField(field, count <= numberMost ? count : 0);
    this.#fields.set(field, noted);
    if (noted.number > 0) this.#byNumber.push(noted);
    return noted;
  }

  /** A sum is kept as a number of fixed width, so that it can grow where it stands. */
  #addUp(slot: number, number: number, value: number): void {
    for (let at = 0; at < this.#length; ) {
      const start = this.#start(at);
      const end = start + this.#size(at);
      if (this.#numberAt(at) === number) {
        const sum = Number(this.#flat.toString('latin1', start, end)) + value;
        this.#flat.write(sumText(sum), start, 'latin1');
        this.#rewrite(slot, start, end);
        return;
      }
      at = end;
    }
    const own = this.#length + headUsual;
    this.#begin(own, numberBytes);
    this.#flat.write(sumText(value), own, 'latin1');
    if (number === 0 || !this.#append(slot, number, sumWidth)) {
      this.#counters[C.dropped_note_values] = (this.#counters[C.dropped_note_values] as number) + 1;
    } else this.#present |= 1 << (number & 31);
  }

  /** Puts `#flat[from, to)`, which has changed, where it is kept. */
  #rewrite(slot: number, from: number, to: number): void {
    const chunks = this.#chunks;
    let chunk = this.#heads[slot] as number;
    let first = 0;
    for (let size = firstWords; chunk !== 0; size = laterWords) {
      const target = chunks.words(chunk);
      const base = (chunks.at(chunk) >> 2) + chunkWords - size;
      for (let word = Math.max(first, from >> 2); word < Math.min(first + size, (to + 3) >> 2); word += 1)
        target[base + word - first] = this.#words[word] as number;
      first += size;
      chunk = target[chunks.at(chunk) >> 2] as number;
    }
  }

  /** Writes the JSON of a value at `at` of `#flat`; returns its end. */
  #encode(value: ByteText | JsonText | string | number | boolean, at: number): number {
    const writer = this.#writer;
    const most = this.#config.max_note_bytes;
    if (typeof value === 'string') {
      this.#begin(at, Math.min(value.length, most) * 6 + 2);
      if (value.length <= most) return writer.text(at, value);
      this.#countCut();
      return writer.text(at, value.slice(0, isInsidePair(value, most) ? most - 1 : most));
    }
    if (typeof value !== 'object') {
      this.#begin(at, numberBytes);
      return writer.value(at, value);
    }
    if (value instanceof JsonText) {
      this.#begin(at, value.length);
      return writer.copy(at, value);
    }
    const end = value.length <= most ? value.to : endOfCharacters(value, most);
    if (end < value.to) this.#countCut();
    this.#begin(at, (end - value.from) * 6 + 2);
    return writer.byteText(at, value.bytes, value.from, end);
  }

  #begin(at: number, room: number): void {
    this.#makeRoom(at + room + headMost);
    this.#writer.begin(this.#flat, this.#flat.length);
  }

  #countCut(): void {
    this.#counters[C.cut_note_values] = (this.#counters[C.cut_note_values] as number) + 1;
  }

  #numberAt(at: number): number {
    return (this.#flat[at] as number) | ((this.#flat[at + 1] as number) << 8);
  }

  /** Where the JSON of the value at `at` begins. */
  #start(at: number): number {
    let here = at + 2;
    while ((this.#flat[here] as number) >= 0x80) here += 1;
    return here + 1;
  }

  #size(at: number): number {
    let here = at + 2;
    let byte = this.#flat[here] as number;
    let size = byte & 0x7f;
    for (let shift = 7; byte >= 0x80; shift += 7) {
      here += 1;
      byte = this.#flat[here] as number;
      size |= (byte & 0x7f) << shift;
    }
    return size;
  }

  #isSame(start: number, other: number, length: number): boolean {
    const flat = this.#flat;
    for (let index = 0; index < length; index += 1) if (flat[start + index] !== flat[other + index]) return false;
    return true;
  }

  #first(number: number): JsonText | undefined {
    for (let at = 0; at < this.#length; ) {
      const start = this.#start(at);
      const end = start + this.#size(at);
      if (this.#numberAt(at) === number) return this.#answerFirst(start, end);
      at = end;
    }
    return undefined;
  }

  #answerFirst(from: number, end: number): JsonText {
    const flat = this.#flat;
    let start = from;
    while (flat[start] === 0x20) start += 1;
    return this.#answerWith(flat, start, end);
  }

  #all(number: number): JsonText | undefined {
    const flat = this.#flat;
    // Brackets and commas are fewer than what stands before each value.
    if (this.#joined.length < this.#length + 2) this.#joined = Buffer.allocUnsafe(this.#flat.length + 2);
    const joined = this.#joined;
    let to = 0;
    for (let at = 0; at < this.#length; ) {
      const start = this.#start(at);
      const end = start + this.#size(at);
      if (this.#numberAt(at) === number) {
        joined[to] = to === 0 ? 0x5b : 0x2c;
        to += 1;
        for (let index = start; index < end; index += 1) joined[to++] = flat[index] as number;
      }
      at = end;
    }
    if (to === 0) return undefined;
    joined[to] = 0x5d;
    return this.#answerWith(joined, 0, to + 1);
  }

  #answerWith(bytes: Uint8Array, from: number, to: number): JsonText {
    const answer = this.#answer;
    answer.bytes = bytes;
    answer.from = from;
    answer.to = to;
    return answer;
  }

  /** Makes the values of a session one piece. */
  #turnTo(slot: number): void {
    if (this.#slot === slot) return;
    if (this.#length >= keptFromBytes && this.#slot >= 0) this.#keepPiece();
    this.#slot = slot;
    this.#walks = 0;
    const piece = this.#pieces.find(slot);
    if (piece !== undefined) {
      this.#length = piece.length;
      this.#last = piece.last;
      this.#lastEnd = piece.lastEnd;
      this.#present = piece.present;
      this.#index = piece.index;
      piece.index = undefined;
      piece.slot = -1;
      this.#exchange(piece);
      return;
    }
    this.#index = undefined;
    this.#length = 0;
    this.#last = 0;
    this.#lastEnd = 0;
    const chunks = this.#chunks;
    let chunk = this.#heads[slot] as number;
    if (chunk !== 0) {
      this.#length = chunks.words(chunk)[(chunks.at(chunk) >> 2) + 1] as number;
      this.#makeRoom(this.#length);
      const words = this.#words;
      let word = 0;
      for (let size = firstWords; chunk !== 0; size = laterWords) {
        const source = chunks.words(chunk);
        const base = chunks.at(chunk) >> 2;
        for (let index = chunkWords - size; index < chunkWords; index += 1) words[word++] = source[base + index] as number;
        this.#last = chunk;
        chunk = source[base] as number;
      }
      this.#lastEnd = word;
    }
    this.#findPresent();
  }

  /** Another session is next: the piece of `#slot` stays as it is, in exchange for memory that is free or of another one. */
  #keepPiece(): void {
    const piece = this.#pieces.placeOf(this.#slot);
    piece.slot = this.#slot;
    piece.length = this.#length;
    piece.last = this.#last;
    piece.lastEnd = this.#lastEnd;
    piece.present = this.#present;
    piece.index = this.#index;
    this.#exchange(piece);
  }

  #exchange(piece: NotePiece): void {
    const { flat, words } = piece;
    this.#pieces.exchange(piece, this.#flat, this.#words);
    this.#flat = flat;
    this.#words = words;
  }

  #findPresent(): void {
    let present = 0;
    for (let at = 0; at < this.#length; at = this.#start(at) + this.#size(at)) present |= 1 << (this.#numberAt(at) & 31);
    this.#present = present;
  }

  /** Room for `bytes` in `#flat`, and for the rest of a chunk. */
  #makeRoom(bytes: number): void {
    if (bytes + chunkBytes <= this.#flat.length) return;
    let size = this.#flat.length;
    do size = Math.max(size * 2, smallestPiece);
    while (size < bytes + chunkBytes);
    const area = new ArrayBuffer(size);
    const flat = Buffer.from(area);
    this.#flat.copy(flat);
    this.#flat = flat;
    this.#words = new Int32Array(area);
  }

  /** Adds the JSON of `length` bytes that stands behind the values of `#slot` to them; false when there is no memory for it. */
  #append(slot: number, number: number, length: number): boolean {
    const before = this.#length;
    const flat = this.#flat;
    let at = before;
    flat[at++] = number & 0xff;
    flat[at++] = number >>> 8;
    if (length >= 0x80) {
      let head = headUsual;
      for (let rest = length >>> 7; rest >= 0x80; rest >>>= 7) head += 1;
      flat.copyWithin(before + head + 1, before + headUsual, before + headUsual + length);
    }
    let size = length;
    for (; size >= 0x80; size >>>= 7) flat[at++] = (size & 0x7f) | 0x80;
    flat[at++] = size;
    at += length;
    const chunks = this.#chunks;
    const beyond = ((at + 3) >> 2) - (this.#lastEnd > firstWords ? this.#lastEnd : firstWords);
    const missing = beyond > 0 ? ((beyond + laterWords - 1) / laterWords) | 0 : 0;
    if (chunks.used + missing + (before === 0 ? 1 : 0) > chunks.limitBlocks) return false;
    this.#store(slot, at);
    return true;
  }

  /** Puts `#flat[#length, to)` behind what the chunks hold. There are chunks enough. */
  #store(slot: number, to: number): void {
    const chunks = this.#chunks;
    const source = this.#words;
    const end = (to + 3) >> 2;
    let last = this.#last;
    let lastEnd = this.#lastEnd;
    let target = source;
    let offset = 0;
    if (last !== 0) {
      target = chunks.words(last);
      offset = (chunks.at(last) >> 2) + chunkWords - lastEnd;
    }
    for (let word = this.#length >> 2; word < end; word += 1) {
      if (word === lastEnd) {
        const chunk = chunks.take();
        if (last === 0) this.#heads[slot] = chunk;
        else target[chunks.at(last) >> 2] = chunk;
        lastEnd += last === 0 ? firstWords : laterWords;
        last = chunk;
        target = chunks.words(last);
        offset = (chunks.at(last) >> 2) + chunkWords - lastEnd;
        target[chunks.at(last) >> 2] = 0;
      }
      target[offset + word] = source[word] as number;
    }
    this.#last = last;
    this.#lastEnd = lastEnd;
    this.#length = to;
    const head = this.#heads[slot] as number;
    chunks.words(head)[(chunks.at(head) >> 2) + 1] = to;
    this.#counters[C.note_bytes] = chunks.used * chunkBytes;
  }

  #freeChunks(slot: number): void {
    const chunks = this.#chunks;
    let chunk = this.#heads[slot] as number;
    this.#heads[slot] = 0;
    while (chunk !== 0) {
      const next = chunks.words(chunk)[chunks.at(chunk) >> 2] as number;
      chunks.giveBack(chunk);
      chunk = next;
    }
    this.#counters[C.note_bytes] = chunks.used * chunkBytes;
  }
}
