// Writes what decoders noted of a session as members of its JSON document, in the form of either profile: only what is there,
// sorted by path, objects around what belongs together. A session has few of the hundreds of fields that it may have, so
// this walks the notes and not the fields. One an encoder, on a packet worker.

import { ByteViews } from './byte-views.ts';
import type { SessionField } from './contract.ts';
import type { NoteList } from './session-facts.ts';

/** How a field is written. */
export interface NotedPath {
  readonly field: SessionField;
  /** Path in the document, with dots. */
  readonly path: string;
  /** Ending of the sibling that has the number of values. */
  readonly count?: string;
  /** False: bytes from 0x80 on are characters of Latin-1. */
  readonly utf8: boolean;
}

/** Text that is copied in words, to the end of one. */
interface Constant {
  readonly words: DataView;
  readonly length: number;
}

interface Path {
  /** Objects around the value, outermost first. */
  readonly groups: readonly string[];
  readonly name: string;
  /** What comes before the value, by the rank of the path before it and one more, 0 at the beginning; made when first needed. */
  readonly heads: (Constant | undefined)[];
  /** `,"nameCnt":` */
  readonly countKey: Constant | undefined;
  readonly isList: boolean;
  readonly utf8: boolean;
  readonly rank: number;
}

const comma = 0x2c;
const closeBrace = 0x7d;
const closeBracket = 0x5d;
/** More than what comes before a value and a count take. */
const headMost = 512;
/** So many notes are put in order by hand; more by the engine's sort. */
const fewNotes = 32;

export class NoteWriter {
  readonly #paths: ReadonlyMap<SessionField, Path>;
  /** By the number that the notes of this thread have for a field; null where the document has not got it. */
  readonly #byNumber: (Path | null | undefined)[];
  /** Indexes of the notes at hand in the order of their paths, and the path of each note. */
  readonly #order: number[];
  readonly #notePaths: Path[];
  /** Fields of those notes, and how many have a path: the next session's are often the same. */
  readonly #numbers: number[];
  #count: number;
  readonly #views: ByteViews;
  /** Of the notes at hand, and of where they are written to. */
  #source: DataView;
  #target: DataView;

  constructor(fields: readonly NotedPath[]) {
    this.#paths = pathsOf(fields);
    this.#byNumber = [];
    this.#order = [];
    this.#notePaths = [];
    this.#numbers = [];
    this.#count = 0;
    this.#views = new ByteViews();
    this.#source = this.#views.of(Buffer.alloc(0));
    this.#target = this.#source;
  }

  /**
   * Writes all notes of `list` that have a path as further members of an object: each begins with a comma.
   * @returns the end, or -1 when there is no room before `limit`
   */
  write(list: NoteList, target: Buffer, start: number, limit: number): number {
    const count = this.#isAsBefore(list) ? this.#count : this.#sort(list);
    const order = this.#order;
    const notePaths = this.#notePaths;
    this.#source = this.#views.of(list.bytes);
    this.#target = this.#views.of(target);
    let at = start;
    let before: Path | undefined;
    for (let index = 0; index < count; ) {
      const path = notePaths[order[index] as number] as Path;
      let end = index + 1;
      while (end < count && notePaths[order[end] as number] === path) end += 1;
      if (at + headMost > limit) return -1;
      const head = path.heads[before === undefined ? 0 : before.rank + 1] ?? headAfter(path, before);
      at = put(head, this.#target, at);
      at = this.#values(list, index, end, path, target, at, limit);
      if (at < 0) return -1;
      before = path;
      index = end;
    }
    if (at + headMost > limit) return -1;
    const open = before === undefined ? 0 : before.groups.length;
    for (let level = 0; level < open; level += 1) target[at++] = closeBrace;
    return at;
  }

  #values(list: NoteList, from: number, to: number, path: Path, target: Buffer, start: number, limit: number): number {
    let at = start;
    const { isList, countKey, utf8 } = path;
    const { starts, ends } = list;
    const last = isList ? to : from + 1;
    for (let index = from; index < last; index += 1) {
      const note = this.#order[index] as number;
      const noteStart = starts[note] as number;
      const noteEnd = ends[note] as number;
      if (at + (noteEnd - noteStart) * (utf8 ? 1 : 2) + headMost > limit) return -1;
      if (index > from) target[at++] = comma;
      at = utf8
        ? copy(this.#source, noteStart, noteEnd, this.#target, at)
        : copyLatin(list.bytes, noteStart, noteEnd, target, at);
    }
    if (isList) target[at++] = closeBracket;
    if (countKey === undefined) return at;
    at = put(countKey, this.#target, at);
    return at + target.write(String(to - from), at, 'latin1');
  }

  #isAsBefore({ count, numbers }: NoteList): boolean {
    const before = this.#numbers;
    if (count !== before.length) return false;
    for (let note = 0; note < count; note += 1) if (numbers[note] !== before[note]) return false;
    return true;
  }

  /** Puts the notes that the document has in order: by path, those of one path as they came. @returns how many */
  #sort(list: NoteList): number {
    const order = this.#order;
    const notePaths = this.#notePaths;
    let count = 0;
    this.#numbers.length = list.count;
    for (let note = 0; note < list.count; note += 1) {
      const number = list.numbers[note] as number;
      this.#numbers[note] = number;
      let path = this.#byNumber[number];
      if (path === undefined) {
        path = this.#paths.get(list.fields[note] as SessionField) ?? null;
        this.#byNumber[number] = path;
      }
      if (path === null) continue;
      notePaths[note] = path;
      order[count++] = note;
    }
    if (count > fewNotes) {
      order.length = count;
      order.sort((a, b) => (notePaths[a] as Path).rank - (notePaths[b] as Path).rank || a - b);
      this.#count = count;
      return count;
    }
    for (let index = 1; index < count; index += 1) {
      const note = order[index] as number;
      const { rank } = notePaths[note] as Path;
      let place = index;
      for (; place > 0 && (notePaths[order[place - 1] as number] as Path).rank > rank; place -= 1)
        order[place] = order[place - 1] as number;
      order[place] = note;
    }
    this.#count = count;
    return count;
  }
}

/** What stands between the value of the path before and this one's: closes its objects, opens others, names the value. */
function headAfter({ groups, name, heads, isList }: Path, before: Path | undefined): Constant {
  const open = before?.groups ?? [];
  let same = 0;
  while (same < open.length && same < groups.length && open[same] === groups[same]) same += 1;
  const opened = [...groups.slice(same).map((group) => `${JSON.stringify(group)}:{`), `${JSON.stringify(name)}:`];
  const head = constant(`${'}'.repeat(open.length - same)},${opened.join('')}${isList ? '[' : ''}`);
  heads[before === undefined ? 0 : before.rank + 1] = head;
  return head;
}

function constant(text: string): Constant {
  const bytes = Buffer.from(text);
  const words = new DataView(new ArrayBuffer((bytes.length + 3) & ~3));
  for (const [at, byte] of bytes.entries()) words.setUint8(at, byte);
  return { words, length: bytes.length };
}

/** Up to three bytes behind it are overwritten. */
function put({ words, length }: Constant, target: DataView, start: number): number {
  for (let at = 0; at < length; at += 4) target.setInt32(start + at, words.getInt32(at, true), true);
  return start + length;
}

/** Values are short: a loop costs less than a call of the engine’s copy. */
function copy(source: DataView, from: number, to: number, target: DataView, start: number): number {
  let at = start;
  let index = from;
  for (; index + 4 <= to; index += 4) {
    target.setInt32(at, source.getInt32(index, true), true);
    at += 4;
  }
  for (; index < to; index += 1) target.setUint8(at++, source.getUint8(index));
  return at;
}

/** Bytes from 0x80 on become two. */
function copyLatin(bytes: Uint8Array, from: number, to: number, target: Buffer, start: number): number {
  let at = start;
  for (let index = from; index < to; index += 1) {
    const byte = bytes[index] as number;
    if (byte < 0x80) target[at++] = byte;
    else {
      target[at++] = byte < 0xc0 ? 0xc2 : 0xc3;
      target[at++] = (byte & 0x3f) | 0x80;
    }
  }
  return at;
}

/** Fields of one path are one: the first declares its form. */
function pathsOf(fields: readonly NotedPath[]): ReadonlyMap<SessionField, Path> {
  // Segment by segment: what has a common beginning stands together.
  const sortKey = ({ path }: NotedPath): string => path.replaceAll('.', '\u0000');
  const sorted = fields.toSorted((a, b) => (sortKey(a) < sortKey(b) ? -1 : sortKey(a) > sortKey(b) ? 1 : 0));
  const byPath = new Map<string, Path>();
  const paths = new Map<SessionField, Path>();
  for (const { field, path, count, utf8 } of sorted) {
    let made = byPath.get(path);
    if (made === undefined) {
      const groups = path.split('.');
      const name = groups.pop() as string;
      made = {
        groups,
        name,
        heads: [],
        countKey: count === undefined ? undefined : constant(`,${JSON.stringify(`${name}${count}`)}:`),
        isList: field.many,
        utf8,
        rank: byPath.size,
      };
      byPath.set(path, made);
    }
    paths.set(field, made);
  }
  return paths;
}
