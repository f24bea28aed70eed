// Has the addon write what records say of a session (crates/capture/src/facts): plans are handed over once, then each is a call with
// what is asked on a desk that both sides see. One a session view.

import { loadAddon, type SessionFactWriter } from '../capture/index.ts';
import { type FactName, type FactPlan, type FactStep, JsonWriter, type SessionFacts, sessionEnds } from '../record/index.ts';
import { FactDeskLayout as Desk, Fact, FactStep as Step } from '../ring/index.ts';
import type { ProtocolLists } from './protocol-lists.ts';
import type { SessionTable } from './session-table.ts';

/** Memories that the addon knows at a time. */
const targetsMost = 8;
/** For JSON of facts that few sessions have; more would not fit a record. */
const givenBytes = 1 << 17;
const nothing = new Uint8Array(0);
const factNumbers: Readonly<Record<FactName, number>> = Fact;

/** Why records are written, by their number. */
const reasons: Readonly<Record<string, number>> = Object.fromEntries(sessionEnds.map((end, index) => [end, index]));

export class FactWriter {
  readonly #native: SessionFactWriter;
  readonly #write: () => void;
  readonly #words: Int32Array;
  readonly #numbers: Float64Array;
  /** What the addon calls a plan, and one more; by its number here. */
  readonly #plans: number[];
  /** What was written to last stays known. */
  readonly #targets: Uint8Array[];
  #target: number;
  #nextTarget: number;
  readonly #given: Buffer;
  /** Made when there is something to give. */
  #givenWriter: JsonWriter | undefined;

  /** `seed`: of community ids. */
  constructor(table: SessionTable, seed: number, protocols: ProtocolLists) {
    const desk = new ArrayBuffer(Desk.size);
    this.#words = new Int32Array(desk);
    this.#numbers = new Float64Array(desk);
    this.#plans = [];
    this.#targets = new Array<Uint8Array>(targetsMost).fill(nothing);
    this.#target = 0;
    this.#nextTarget = 0;
    this.#given = Buffer.allocUnsafeSlow(givenBytes);
    this.#givenWriter = undefined;
    const { SessionFactWriter: Native } = loadAddon();
    this.#native = new Native(table.octets, new Uint8Array(desk), this.#given, seed, [...sessionEnds]);
    this.#write = this.#native.writer();
    protocols.onList((names) => this.#native.addProtocols([...names]));
  }

  /**
   * Writes the facts of session `slot` that `plan` names at `at` of the writer's memory; returns the end.
   * @param facts the same session, for what the plan has TypeScript say
   * @param given whether the session may have something of that
   */
  write(
    plan: FactPlan,
    writer: JsonWriter,
    at: number,
    timeUs: number,
    slot: number,
    facts: SessionFacts,
    given: boolean,
  ): number {
    const words = this.#words;
    this.#numbers[Desk.timeUs >> 3] = timeUs;
    words[Desk.session >> 2] = slot;
    words[Desk.plan >> 2] = (this.#plans[plan.number] || this.#add(plan)) - 1;
    words[Desk.target >> 2] = this.#targetOf(writer.bytes);
    words[Desk.at >> 2] = at;
    words[Desk.limit >> 2] = writer.limit;
    words[Desk.reason >> 2] = reasons[facts.end] as number;
    if (plan.ofStreams) {
      words[Desk.gapBytes0 >> 2] = facts.gapBytes(0);
      words[Desk.gapBytes1 >> 2] = facts.gapBytes(1);
    }
    if (plan.given.length === 0 || this.#give(plan, facts, given)) {
      this.#write();
      const end = words[Desk.at >> 2] as number;
      if (end >= 0) return end;
    }
    writer.overflow = true;
    return at;
  }

  #targetOf(bytes: Uint8Array): number {
    if (this.#targets[this.#target] === bytes) return this.#target;
    let target = this.#targets.indexOf(bytes);
    if (target < 0) {
      target = this.#nextTarget;
      this.#nextTarget = (target + 1) % targetsMost;
      this.#targets[target] = bytes;
      this.#native.setTarget(target, bytes);
    }
    this.#target = target;
    return target;
  }

  /** Puts the JSON of what the plan has TypeScript say where the addon finds it; false when it is too much. */
  #give({ given }: FactPlan, facts: SessionFacts, has: boolean): boolean {
    const words = this.#words;
    words[Desk.given0 >> 2] = 0;
    words[Desk.given1 >> 2] = 0;
    words[Desk.given2 >> 2] = 0;
    if (!has) return true;
    this.#givenWriter ??= new JsonWriter();
    const writer = this.#givenWriter;
    writer.begin(this.#given, this.#given.length);
    let at = 0;
    for (const field of given) {
      const value = field.value?.(facts);
      if (value === undefined) continue;
      const end = writer.value(at, value);
      words[(Desk.given0 >> 2) + (field.which ?? 0)] = end - at;
      at = end;
    }
    return !writer.overflow;
  }

  #add(plan: FactPlan): number {
    const number = this.#native.addPlan(Buffer.concat(plan.steps.map(bytesOf))) + 1;
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
  return step.step === 'fact'
    ? Buffer.concat([head, Buffer.from([factNumbers[step.fact], step.which]), text])
    : Buffer.concat([head, text]);
}
