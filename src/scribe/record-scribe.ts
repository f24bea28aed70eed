// Has the addon write records (crates/capture/src/facts): plans are handed over once, then each record is a call with what is asked
// on a desk that both sides see. One for the sessions of a packet worker, and one a thread for what has no session.

import { type RecordScribe as Addon, loadAddon } from '../capture/index.ts';
import {
  type FactName,
  type FactPlan,
  type FactStep,
  type Scribe,
  type SessionField,
  sessionEnds,
  type ValueSink,
} from '../record/index.ts';
import { FactDeskLayout as Desk, Fact, NoteForm, FactStep as Step } from '../ring/index.ts';
import { Memories } from './memories.ts';
import { ValueDesk } from './value-desk.ts';

const factNumbers: Readonly<Record<FactName, number>> = Fact;

/** What is noted of sessions, as far as it has to be known here. */
export interface NotedFields {
  /** The field of a note by its number. */
  fieldOf(number: number): SessionField | undefined;
  /** Who is told of all memory that notes lie in, as it comes: slabs of chunks (tools/fact-layout.ts). */
  onMemory(tell: (slab: Uint8Array) => void): void;
}

export class RecordScribe implements Scribe {
  /** What is asked; sessions say here what is theirs. */
  readonly words: Int32Array;
  /** What the addon writes with, for who has it write many records at once. */
  readonly native: Addon;
  readonly #write: () => void;
  readonly #numbers: Float64Array;
  /** What the addon calls a plan, and one more; by its number here. */
  readonly #plans: number[];
  readonly #memories: Memories;
  readonly #values: ValueDesk;
  readonly #notes: NotedFields | undefined;

  /** `slots`: the sessions of a worker, `seed`: of their community ids, `notes`: what is noted of them. */
  constructor(slots?: Uint8Array, seed = 0, notes?: NotedFields) {
    const desk = new ArrayBuffer(Desk.size);
    this.words = new Int32Array(desk);
    this.#numbers = new Float64Array(desk);
    this.#plans = [];
    this.#memories = new Memories((number, bytes) => this.native.setMemory(number, bytes));
    this.#values = new ValueDesk(this.#memories);
    const { RecordScribe: Native } = loadAddon();
    this.native = new Native(new Uint8Array(desk), this.#values.entries, slots, seed, [...sessionEnds]);
    this.#write = this.native.writer();
    this.#notes = notes;
    notes?.onMemory((slab) => this.native.addNoteMemory(slab));
  }

  /** The next list of protocols that sessions may have. */
  addProtocols(names: readonly string[]): void {
    this.native.addProtocols(names);
  }

  begin(): ValueSink {
    this.#values.begin();
    return this.#values;
  }

  write(plan: FactPlan, target: Uint8Array, at: number, limit: number, timeUs: number): number {
    const words = this.words;
    const values = this.#values;
    if (values.overflow) return -1;
    this.#numbers[Desk.timeUs >> 3] = timeUs;
    words[Desk.plan >> 2] = this.numberOf(plan);
    words[Desk.target >> 2] = this.#memories.of(target);
    words[Desk.at >> 2] = at;
    words[Desk.limit >> 2] = limit;
    words[Desk.values >> 2] = values.count;
    this.#write();
    while (words[Desk.at >> 2] === -1 && words[Desk.unknown >> 2] !== 0) {
      this.#tellNote(plan, words[Desk.unknown >> 2] as number);
      words[Desk.at >> 2] = at;
      this.#write();
    }
    return words[Desk.at >> 2] as number;
  }

  /** What the addon calls a plan. */
  numberOf(plan: FactPlan): number {
    return (this.#plans[plan.number] || this.#add(plan)) - 1;
  }

  /** What the addon calls a memory, until the next record. */
  memoryOf(bytes: Uint8Array): number {
    return this.#memories.of(bytes);
  }

  /** The plan has met a noted field for the first time. */
  #tellNote(plan: FactPlan, number: number): void {
    const field = this.#notes?.fieldOf(number);
    const known = field && plan.pathOf?.(field);
    const form = known === undefined ? 0 : (known.many ? NoteForm.list : 0) | (known.latin === true ? NoteForm.latin : 0);
    this.native.tellNote((this.#plans[plan.number] as number) - 1, number, known?.path ?? '', form, known?.count ?? '');
  }

  #add(plan: FactPlan): number {
    const number = this.native.addPlan(Buffer.concat(plan.steps.map(bytesOf))) + 1;
    while (this.#plans.length < plan.number) this.#plans.push(0);
    this.#plans[plan.number] = number;
    return number;
  }
}

/** A step as tools/fact-layout.ts has it. */
function bytesOf(step: FactStep): Buffer {
  const text = Buffer.from('text' in step ? step.text : '', 'latin1');
  const head = Buffer.from([Step[step.step], 0, 0, 0]);
  head.writeUInt16LE(text.length, 2);
  if (step.step === 'fact') return Buffer.concat([head, Buffer.from([factNumbers[step.fact], step.which]), text]);
  return step.step === 'value' ? Buffer.concat([head, Buffer.from([step.index, 0]), text]) : Buffer.concat([head, text]);
}
