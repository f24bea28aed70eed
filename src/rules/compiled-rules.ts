// All rules of a run, compiled: by moment, and those that wait for fields by field. One a packet worker; without a rule for a
// moment that moment costs a look at an empty list. The main thread compiles too, to hear what is wrong.

import { monotonicMs } from '../monotonic-clock.ts';
import type { FieldNames, SessionEnd, SessionFacts, SessionField } from '../record/index.ts';
import type { NotedValue, RuledSession, SessionRules } from '../session/index.ts';
import { type Condition, compileConditions } from './conditions.ts';
import { compileOp, type Op } from './ops.ts';
import { filtersOf, type RuleDefinition, type RuleProblem } from './rule.ts';

interface CompiledRule {
  /** Its place among all rules. */
  readonly number: number;
  readonly definition: RuleDefinition;
  /** Bit of its BPF expression in a packet's marks; 0 without. */
  readonly mark: number;
  readonly conditions: readonly Condition[];
  readonly ops: readonly Op[];
}

/** A rule that waits for a field, with what it asks of that field. */
interface Waiting {
  readonly rule: CompiledRule;
  readonly mayHold: (value: NotedValue) => boolean;
}

export interface CompileOptions {
  readonly names: FieldNames;
  /** Bit of the first BPF expression of rules in a packet's marks. */
  readonly firstMark: number;
  /** A line for the log, of rules that ask for it. */
  readonly log: (line: string) => void;
}

const logLinesASecond = 20;

export class CompiledRules implements SessionRules {
  readonly packetMarks: number;
  /** Some rule asks for what only Arkime's documents have. */
  readonly needsDetails: boolean;
  readonly problems: readonly RuleProblem[];
  readonly #everyPacket: readonly CompiledRule[];
  readonly #setup: readonly CompiledRule[];
  readonly #classified: readonly CompiledRule[];
  readonly #middle: readonly CompiledRule[];
  readonly #final: readonly CompiledRule[];
  /** Rules that wait for fields of which something may be known when a session begins. */
  readonly #atOpening: readonly CompiledRule[];
  readonly #ofProtocols: readonly Waiting[];
  /** By the name of the field: decoders may have fields of one name. */
  readonly #byField: ReadonlyMap<string, readonly Waiting[]>;
  readonly #log: (line: string) => void;
  #logSecond: number;
  #logged: number;

  constructor(definitions: readonly RuleDefinition[], { names, firstMark, log }: CompileOptions) {
    const problems: RuleProblem[] = [];
    const filters = filtersOf(definitions);
    const rules = definitions.map((definition, number): CompiledRule => {
      const report = (where: string, message: string): void => {
        problems.push({ where, message: `rule ${JSON.stringify(definition.name)}: ${message}` });
      };
      return {
        number,
        definition,
        mark: definition.bpf === undefined ? 0 : 1 << (firstMark + filters.indexOf(definition.bpf)),
        conditions: compileConditions(definition.conditions, names, report),
        ops: definition.ops.flatMap((op) => compileOp(op, names, (message) => report(op.where, message))),
      };
    });
    this.problems = problems;
    this.#log = log;
    this.#logSecond = 0;
    this.#logged = 0;
    const at = (...moments: string[]): CompiledRule[] => rules.filter(({ definition }) => moments.includes(definition.when));
    this.#everyPacket = at('everyPacket');
    this.#setup = at('sessionSetup');
    this.#classified = at('afterClassify');
    this.#middle = at('beforeMiddleSave', 'beforeBothSave');
    this.#final = at('beforeFinalSave', 'beforeBothSave');
    this.packetMarks = this.#everyPacket.reduce((marks, { mark }) => marks | mark, 0);
    this.needsDetails = rules.some(({ conditions }) =>
      conditions.some(({ source }) => source.needsDetails || isArkimes(source.fields)),
    );
    const waiting = at('fieldSet');
    this.#atOpening = waiting.filter(({ conditions }) => conditions.some(({ source }) => source.isFact));
    this.#ofProtocols = waiting.flatMap((rule) =>
      rule.conditions.flatMap(({ source, mayHold }) => (source.isProtocols ? [{ rule, mayHold }] : [])),
    );
    const byField = new Map<string, Waiting[]>();
    for (const rule of waiting) {
      for (const { source, mayHold } of rule.conditions) {
        for (const { name } of source.fields) byField.set(name, [...(byField.get(name) ?? []), { rule, mayHold }]);
      }
    }
    this.#byField = byField;
  }

  packet(session: RuledSession, marks: number): void {
    for (const rule of this.#everyPacket) if ((marks & rule.mark) !== 0) this.#act(rule, session);
  }

  opened(session: RuledSession, marks: number): void {
    for (const rule of this.#setup) {
      if (rule.mark !== 0 ? (marks & rule.mark) !== 0 : holds(rule, session.facts)) this.#actOnce(rule, session);
    }
    for (const rule of this.#atOpening) if (holds(rule, session.facts)) this.#actOnce(rule, session);
  }

  classified(session: RuledSession): void {
    for (const rule of this.#classified) if (holds(rule, session.facts)) this.#actOnce(rule, session);
  }

  noted(session: RuledSession, field: SessionField | undefined, value: NotedValue): void {
    const waiting = field === undefined ? this.#ofProtocols : this.#byField.get(field.name);
    if (waiting === undefined) return;
    for (const { rule, mayHold } of waiting) {
      if ((value === '' || mayHold(value)) && holds(rule, session.facts)) this.#actOnce(rule, session);
    }
  }

  saving(session: RuledSession, end: SessionEnd): void {
    const rules = end === 'part' ? this.#middle : this.#final;
    for (const rule of rules) if (holds(rule, session.facts)) this.#act(rule, session);
  }

  /** Rules that act when something is known act once in each part of a session; it stays known. */
  #actOnce(rule: CompiledRule, session: RuledSession): void {
    if (session.once(rule.number)) this.#act(rule, session);
  }

  #act(rule: CompiledRule, session: RuledSession): void {
    session.count();
    if (rule.definition.log) this.#tell(rule, session.facts);
    for (const op of rule.ops) op(session);
  }

  #tell({ definition }: CompiledRule, facts: SessionFacts): void {
    const second = Math.floor(monotonicMs() / 1000);
    if (second !== this.#logSecond) {
      const unsaid = this.#logged - logLinesASecond;
      this.#logSecond = second;
      this.#logged = 0;
      if (unsaid > 0) this.#log(`rules: ${unsaid} more matches were not logged`);
    }
    this.#logged += 1;
    if (this.#logged > logLinesASecond) return;
    const { sourceAddress, sourcePort, destinationAddress, destinationPort, hasPorts, id } = facts;
    const [from, to] = hasPorts ? [`:${sourcePort}`, `:${destinationPort}`] : ['', ''];
    this.#log(
      `rule ${JSON.stringify(definition.name)} (${definition.where}): ${sourceAddress}${from} → ${destinationAddress}${to}, session ${id}`,
    );
  }
}

/** Decoders note some fields only where Arkime's documents are wanted. */
function isArkimes(fields: readonly SessionField[]): boolean {
  return fields.some(({ only }) => only === 'arkime');
}

function holds({ conditions }: CompiledRule, facts: SessionFacts): boolean {
  for (const condition of conditions) if (!condition.holds(facts)) return false;
  return true;
}
