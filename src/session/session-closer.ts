// Has the addon end sessions that are over, many at a time, where their records are written in place
// (crates/capture/src/closing.rs). One a session engine; it names the sessions that the engine has to end itself.

import { loadAddon } from '../capture/index.ts';
import { sessionEnds } from '../record/index.ts';
import { ClosingDeskLayout as Desk, ClosingListLayout as List } from '../ring/index.ts';
import type { RecordScribe } from '../scribe/index.ts';
import type { SessionNotes } from './notes.ts';
import type { ProtocolLists } from './protocol-lists.ts';
import type { SessionRun } from './session-sink.ts';
import type { SessionTable } from './session-table.ts';

/** Different lists of protocols that sessions ended by one call may have. */
const listsMost = 16;
/** Sessions ended by one call of which something is noted. */
const notedMost = 64;
const listWords = List.size >> 2;
const firstList = Desk.size >> 2;
const firstNoted = firstList + listsMost * listWords;
/** What the desk says instead of a session: there is no room left. */
const noRoom = -2;
/** What `nextOf` says instead of a session: the sink is crowded; to go on from `reached` later. */
export const crowded = -3;
/** What it is asked for instead of a number: the sessions that the timer wheel has. */
const due = -1;

export class SessionCloser {
  readonly #table: SessionTable;
  readonly #scribe: RecordScribe;
  readonly #run: SessionRun;
  readonly #protocols: ProtocolLists;
  readonly #notes: SessionNotes;
  readonly #words: Int32Array;
  readonly #numbers: Float64Array;
  readonly #close: () => void;

  constructor(table: SessionTable, scribe: RecordScribe, run: SessionRun, protocols: ProtocolLists, notes: SessionNotes) {
    this.#table = table;
    this.#scribe = scribe;
    this.#run = run;
    this.#protocols = protocols;
    this.#notes = notes;
    const desk = new ArrayBuffer(Desk.size + listsMost * List.size + notedMost * 4);
    this.#words = new Int32Array(desk);
    this.#numbers = new Float64Array(desk);
    const { SessionCloser: Native } = loadAddon();
    const native = new Native(table.native, scribe.native, new Uint8Array(desk), bytesOf(notes.heads), {
      fin: sessionEnds.indexOf('fin'),
      reset: sessionEnds.indexOf('reset'),
      timeout: sessionEnds.indexOf('timeout'),
      stopped: sessionEnds.indexOf('stopped'),
    });
    this.#close = native.closer();
  }

  /** Ends sessions that are due; the next one that has to be ended otherwise, taken out of the wheel, or -1. */
  nextDue(): number {
    return this.#next(due);
  }

  /** Ends all sessions from a slot on; the next one that has to be ended otherwise, -1, or `crowded`. `clockUs`: at the end of the sources. */
  nextOf(from: number, clockUs: number): number {
    this.#numbers[Desk.clockUs >> 3] = clockUs;
    return this.#next(from);
  }

  /** The first slot that the last `nextOf` has not come to. */
  get reached(): number {
    return this.#words[Desk.from >> 2] as number;
  }

  #next(from: number): number {
    const words = this.#words;
    const run = this.#run;
    words[Desk.from >> 2] = from;
    for (;;) {
      const hasRoom = run.begin();
      this.#numbers[Desk.floorUs >> 3] = run.floorUs;
      words[Desk.at >> 2] = hasRoom ? run.at : 0;
      words[Desk.end >> 2] = hasRoom ? run.end : 0;
      words[Desk.target >> 2] = this.#scribe.memoryOf(run.target);
      words[Desk.plan >> 2] = this.#scribe.numberOf(run.plan);
      words[Desk.recordType >> 2] = run.recordType;
      words[Desk.noted >> 2] = this.#notes.knowsAny(run.notedValues) ? 0 : 1;
      this.#close();
      const records = words[Desk.records >> 2] as number;
      if (records > 0) {
        run.finish(words[Desk.at >> 2] as number, records, words[Desk.bytes >> 2] as number);
        this.#countProtocols();
        this.#forgetNotes();
        this.#table.losses += 1;
      }
      const session = words[Desk.session >> 2] as number;
      if (session !== noRoom) return session;
      if (from !== due && run.isCrowded) return crowded;
    }
  }

  #forgetNotes(): void {
    const words = this.#words;
    const end = firstNoted + (words[Desk.noted >> 2] as number);
    for (let at = firstNoted; at < end; at += 1) this.#notes.forget(words[at] as number);
  }

  #countProtocols(): void {
    const words = this.#words;
    const end = firstList + (words[Desk.lists >> 2] as number) * listWords;
    for (let at = firstList; at < end; at += listWords) {
      const list = words[at + (List.list >> 2)] as number;
      this.#run.ended(this.#protocols.of(list), words[at + (List.sessions >> 2)] as number);
    }
  }
}

function bytesOf(words: Int32Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}
