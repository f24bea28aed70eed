// Writes what decoders noted of a session as members of its JSON document, in the form of either profile: only what is there,
// sorted by path, objects around what belongs together. A session has few of the hundreds of fields that it may have, so
// this walks the notes and not the fields. One an encoder, on a packet worker.

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

interface Path {
  /** Objects around the value, outermost first, and each as it is opened: `"name":{`. */
  readonly groups: readonly string[];
  readonly groupKeys: readonly Buffer[];
  /** `"name":` */
  readonly key: Buffer;
  /** `,"nameCnt":` */
  readonly countKey: Buffer | undefined;
  readonly isList: boolean;
  readonly utf8: boolean;
  readonly rank: number;
}

const comma = 0x2c;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;
/** More than a key, its groups and a count take. */
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

  constructor(fields: readonly NotedPath[]) {
    this.#paths = pathsOf(fields);
    this.#byNumber = [];
    this.#order = [];
    this.#notePaths = [];
  }

  /**
   * Writes all notes of `list` that have a path as further members of an object: each begins with a comma.
   * @returns the end, or -1 when there is no room before `limit`
   */
  write(list: NoteList, target: Buffer, start: number, limit: number): number {
    const count = this.#sort(list);
    const order = this.#order;
    const notePaths = this.#notePaths;
    let at = start;
    let open: readonly string[] = noGroups;
    for (let index = 0; index < count; ) {
      const path = notePaths[order[index] as number] as Path;
      let end = index + 1;
      while (end < count && notePaths[order[end] as number] === path) end += 1;
      if (at + headMost > limit) return -1;
      at = this.#open(path, open, target, at);
      open = path.groups;
      at = put(path.key, target, at);
      at = this.#values(list, index, end, path, target, at, limit);
      if (at < 0) return -1;
      index = end;
    }
    if (at + headMost > limit) return -1;
    for (let level = 0; level < open.length; level += 1) target[at++] = closeBrace;
    return at;
  }

  /** Closes the objects that are open and opens those of the next path; ends where its key begins. */
  #open({ groups, groupKeys }: Path, open: readonly string[], target: Buffer, start: number): number {
    let at = start;
    let same = 0;
    while (same < open.length && same < groups.length && open[same] === groups[same]) same += 1;
    for (let level = same; level < open.length; level += 1) target[at++] = closeBrace;
    target[at++] = comma;
    for (let level = same; level < groups.length; level += 1) at = put(groupKeys[level] as Buffer, target, at);
    return at;
  }

  #values(list: NoteList, from: number, to: number, path: Path, target: Buffer, start: number, limit: number): number {
    let at = start;
    const { isList, countKey } = path;
    if (isList) target[at++] = openBracket;
    const last = isList ? to : from + 1;
    for (let index = from; index < last; index += 1) {
      const note = this.#order[index] as number;
      const noteStart = list.starts[note] as number;
      const noteEnd = list.ends[note] as number;
      if (at + (noteEnd - noteStart) * (path.utf8 ? 1 : 2) + headMost > limit) return -1;
      if (index > from) target[at++] = comma;
      at = copy(list.bytes, noteStart, noteEnd, path.utf8, target, at);
    }
    if (isList) target[at++] = closeBracket;
    if (countKey === undefined) return at;
    at = put(countKey, target, at);
    return at + target.write(String(to - from), at, 'latin1');
  }

  /** Puts the notes that the document has in order: by path, those of one path as they came. @returns how many */
  #sort(list: NoteList): number {
    const order = this.#order;
    const notePaths = this.#notePaths;
    let count = 0;
    for (let note = 0; note < list.count; note += 1) {
      const number = list.numbers[note] as number;
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
    return count;
  }
}

const noGroups: readonly string[] = [];

/** A key is short: a loop costs less than a call of the engine’s copy. */
function put(key: Buffer, target: Buffer, start: number): number {
  let at = start;
  for (let index = 0; index < key.length; index += 1) target[at++] = key[index] as number;
  return at;
}

function copy(bytes: Uint8Array, from: number, to: number, utf8: boolean, target: Buffer, start: number): number {
  let at = start;
  for (let index = from; index < to; index += 1) {
    const byte = bytes[index] as number;
    if (byte < 0x80 || utf8) target[at++] = byte;
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
        groupKeys: groups.map((group) => Buffer.from(`${JSON.stringify(group)}:{`)),
        key: Buffer.from(`${JSON.stringify(name)}:`),
        countKey: count === undefined ? undefined : Buffer.from(`,${JSON.stringify(`${name}${count}`)}:`),
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
