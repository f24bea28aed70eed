// Writes the records of the session that a view is at: says which it is, and what its slot does not know at once.

import { namedValues } from '../named-values.ts';
import { type FactPlan, type Scribe, type SessionFacts, sessionEnds, type ValueSink } from '../record/index.ts';
import { FactDeskLayout as Desk } from '../ring/index.ts';
import { RecordScribe } from '../scribe/index.ts';
import type { SessionNotes } from './notes.ts';
import type { ProtocolLists } from './protocol-lists.ts';
import type { SessionTable } from './session-table.ts';

/** Why records are written, by their number. */
const reasons = namedValues(sessionEnds, (_end, index) => index);

export class SessionScribe implements Scribe {
  readonly #facts: SessionFacts;
  readonly records: RecordScribe;
  readonly #notes: SessionNotes;
  readonly #words: Int32Array;

  /** `facts`: what moves from session to session; `seed`: of community ids. */
  constructor(facts: SessionFacts, table: SessionTable, seed: number, protocols: ProtocolLists, notes: SessionNotes) {
    this.#facts = facts;
    this.records = new RecordScribe(table.octets, seed, notes);
    this.#notes = notes;
    this.#words = this.records.words;
    protocols.onList((names) => this.records.addProtocols(names));
  }

  /** The view has moved. */
  moveTo(slot: number): void {
    this.#words[Desk.session >> 2] = slot;
  }

  begin(): ValueSink {
    return this.records.begin();
  }

  write(plan: FactPlan, target: Uint8Array, at: number, limit: number, timeUs: number): number {
    const words = this.#words;
    const facts = this.#facts;
    words[Desk.reason >> 2] = reasons[facts.end];
    if (plan.ofStreams) {
      words[Desk.gapBytes0 >> 2] = facts.gapBytes(0);
      words[Desk.gapBytes1 >> 2] = facts.gapBytes(1);
    }
    if (plan.pathOf !== undefined) words[Desk.notes >> 2] = this.#notes.headOf(words[Desk.session >> 2] as number);
    return this.records.write(plan, target, at, limit, timeUs);
  }
}
