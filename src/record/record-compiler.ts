// Turns the fields of a record type into functions that write its record as nested JSON. Encoders call it once a type
// and thread; the names and constant parts are theirs, so any encoding that nests by name can use it.
//
// The functions are source text made here from the fields, and nothing off the wire is ever part of it. So every field is
// read at a place of its own, where the engine knows what is called and what comes of it. All else is the writer's, as the
// engine compiles each of these functions more than once, and on short runs that costs more than it brings: constant
// text is written by one loop, values by one `member`, and functions alike of several types are the same one.
//
// Facts of the session are not read here: runs of them are plans, which the session writes in one go.
//
// Every member begins with a comma; that of an object's first becomes the brace when the object is closed, and an object
// without members is taken back.

import type { FactField, Field } from './contract.ts';
import { FactPlan, type FactStep } from './fact-plan.ts';
import { type JsonWriter, Most } from './json-writer.ts';
import type { SessionFacts } from './session-facts.ts';

export interface RecordPlan {
  /** What comes before the time: `{"@timestamp":`. */
  readonly head: string;
  /** Members after the time that never change, without a comma around them, by the name of the object they open. */
  readonly constants: readonly { readonly object: string; readonly members: string }[];
  /** Dots in their names open objects. */
  readonly fields: readonly (Field<never> | FactField)[];
  /** Members at the end that never change, each behind a comma, and whatever closes the document. */
  readonly tail: string;
}

/** Writes from `at` on and returns the end. */
export type WriteRecord = (
  writer: JsonWriter,
  record: unknown,
  facts: SessionFacts | undefined,
  timeUs: number,
  at: number,
) => number;

export interface CompiledRecord {
  readonly write: WriteRecord;
  /** Most bytes of everything but the values whose room the writer asks for itself. */
  readonly most: number;
}

/** Fields written by one function: few enough that the engine takes their reading into it, enough that it is not itself taken into its caller. */
const fieldsPerFunction = 12;
/** A constant that takes more stores than these is written by the writer's loop. */
const storesMost = 2;
/** Constants are written in whole words; the last one may reach that far behind the record. */
const behindMost = 8;

interface Node {
  readonly name: string;
  readonly children: Map<string, Node>;
  readonly members: (Node | Leaf)[];
  constant: string;
}

interface Leaf {
  readonly key: string;
  readonly field: Field<never> | FactField;
}

/** Members in a row that are nothing but facts. */
interface Run {
  readonly facts: readonly (Node | Leaf)[];
}

const newNode = (name: string): Node => ({ name, children: new Map(), members: [], constant: '' });

/** The object called `name` in `node`, made when it is new: objects stand where they are named first. */
function childOf(node: Node, name: string): Node {
  const known = node.children.get(name);
  if (known !== undefined) return known;
  const child = newNode(name);
  node.children.set(name, child);
  node.members.push(child);
  return child;
}

const isNode = (member: Node | Leaf | Run): member is Node => 'members' in member;
const isRun = (member: Node | Leaf | Run): member is Run => 'facts' in member;

const leavesOf = (member: Node | Leaf | Run): number =>
  isNode(member) ? runsOf(member.members).reduce((sum, inner) => sum + leavesOf(inner), 0) : 1;

const isOfFacts = (member: Node | Leaf): boolean =>
  isNode(member) ? member.members.length > 0 && member.members.every(isOfFacts) : 'fact' in member.field;

/** Members with runs of facts in place of those. */
function runsOf(members: readonly (Node | Leaf)[]): (Node | Leaf | Run)[] {
  const runs: (Node | Leaf | Run)[] = [];
  let facts: (Node | Leaf)[] = [];
  for (const member of members) {
    if (!isOfFacts(member)) {
      facts = [];
      runs.push(member);
      continue;
    }
    if (facts.length === 0) runs.push({ facts });
    facts.push(member);
  }
  return runs;
}

/** A member as steps of a plan. */
function stepsOf(member: Node | Leaf): FactStep[] {
  if (!isNode(member)) {
    const { fact, which } = member.field as FactField;
    return [{ step: 'fact', text: memberHead(member.key), fact, which: which ?? 0 }];
  }
  const open = memberHead(member.name);
  const inner = member.members.flatMap(stepsOf);
  return member.constant === ''
    ? [{ step: 'open', text: open }, ...inner, { step: 'close' }]
    : [{ step: 'text', text: `${open}{${ascii(member.constant)}` }, ...inner, { step: 'text', text: '}' }];
}

function givenOf(member: Node | Leaf): FactField[] {
  if (isNode(member)) return member.members.flatMap(givenOf);
  const field = member.field as FactField;
  return field.fact === 'given' ? [field] : [];
}

/** JSON in printable ASCII. */
const ascii = (json: string): string =>
  json.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

const memberHead = (key: string): string => ascii(`,${JSON.stringify(key)}:`);

/** Keeps what it made, to be used again for record types that have it in common. */
export class RecordCompiler {
  readonly #writer: JsonWriter;
  readonly #texts = new Map<string, number>();
  readonly #parts: { readonly source: string; readonly values: readonly unknown[]; readonly part: WriteRecord }[] = [];
  /** By their steps. */
  readonly #plans = new Map<string, FactPlan>();

  constructor(writer: JsonWriter) {
    this.#writer = writer;
  }

  /** What it returns is for the writer that the compiler was made with. */
  compile(plan: RecordPlan): CompiledRecord {
    const root = newNode('');
    for (const { object, members } of plan.constants) childOf(root, object).constant = members;
    for (const field of plan.fields) {
      const path = field.name.split('.');
      const key = path.pop() as string;
      path.reduce(childOf, root).members.push({ key, field });
    }
    return new Compilation(plan, root, this).result();
  }

  text(text: string): number {
    let kept = this.#texts.get(text);
    if (kept === undefined) {
      kept = this.#writer.keep(text);
      this.#texts.set(text, kept);
    }
    return kept;
  }

  plan(steps: readonly FactStep[], given: readonly FactField[]): FactPlan {
    const key = JSON.stringify(steps);
    let plan = this.#plans.get(key);
    if (plan === undefined) {
      plan = new FactPlan(steps, given);
      this.#plans.set(key, plan);
    }
    return plan;
  }

  part(code: Code): WriteRecord {
    const { source, values } = code;
    const same = this.#parts.find(
      (made) => made.source === source && made.values.every((value, index) => value === values[index]),
    );
    if (same !== undefined) return same.part;
    const body = `"use strict";\nreturn function writePart(w, r, s, timeUs, at) {\nconst d = w.view;\nlet v;\n${source}return at;\n};`;
    const make = new Function(...values.map(nameOf), body) as (...values: readonly unknown[]) => WriteRecord;
    const part = make(...values);
    this.#parts.push({ source, values, part });
    return part;
  }
}

const nameOf = (_value: unknown, index: number): string => `f${index}`;

/** Statements, and the values that they name. */
class Code {
  source = '';
  readonly values: unknown[] = [];
  leaves = 0;
  objects = 0;

  add(statement: string): void {
    this.source += `${statement}\n`;
  }

  name(value: unknown): string {
    this.values.push(value);
    return nameOf(value, this.values.length - 1);
  }
}

/** The making of one record's functions. */
class Compilation {
  readonly #plan: RecordPlan;
  readonly #root: Node;
  readonly #compiler: RecordCompiler;
  /** The function that calls the others. */
  readonly #main = new Code();
  #part = new Code();
  #most = 0;

  constructor(plan: RecordPlan, root: Node, compiler: RecordCompiler) {
    this.#plan = plan;
    this.#root = root;
    this.#compiler = compiler;
  }

  result(): CompiledRecord {
    const main = this.#main;
    const { head, tail } = this.#plan;
    const { members } = this.#root;
    if (members.every(isOfFacts)) {
      const facts = [...members.flatMap(stepsOf), { step: 'text', text: ascii(tail) } as const];
      this.#facts(main, [{ step: 'text', text: ascii(head) }, { step: 'time' }, ...facts], members.flatMap(givenOf));
    } else {
      this.#constant(main, head);
      main.add('at = w.date(at, timeUs);');
      this.#spread(this.#root);
      this.#constant(main, tail);
      this.#most += Most.date + behindMost;
    }
    const body = `"use strict";\nreturn function writeRecord(w, r, s, timeUs, at) {\nconst d = w.view;\n${main.source}return at;\n};`;
    const make = new Function(...main.values.map(nameOf), body) as (...values: readonly unknown[]) => WriteRecord;
    return { write: make(...main.values), most: this.#most };
  }

  /** All that an object holds, in as many functions as it takes. */
  #spread(node: Node): void {
    for (const member of runsOf(node.members)) {
      if (isRun(member)) {
        this.#flush();
        this.#run(this.#main, member);
        continue;
      }
      const leaves = leavesOf(member);
      if (this.#part.leaves + leaves > fieldsPerFunction) this.#flush();
      if (leaves <= fieldsPerFunction) {
        this.#member(this.#part, member);
        continue;
      }
      const close = this.#open(this.#main, member as Node);
      this.#spread(member as Node);
      close();
    }
    this.#flush();
  }

  #run(code: Code, { facts }: Run): void {
    this.#facts(code, facts.flatMap(stepsOf), facts.flatMap(givenOf));
  }

  #facts(code: Code, steps: readonly FactStep[], given: readonly FactField[]): void {
    const plan = this.#compiler.plan(steps, given);
    this.#most += plan.most;
    code.leaves += 1;
    code.add(`at = s.writeFacts(${code.name(plan)}, w, at, timeUs);`);
  }

  #flush(): void {
    const part = this.#part;
    if (part.source !== '') this.#main.add(`at = ${this.#main.name(this.#compiler.part(part))}(w, r, s, timeUs, at);`);
    this.#part = new Code();
  }

  #member(code: Code, member: Node | Leaf | Run): void {
    if (isRun(member)) this.#run(code, member);
    else if (isNode(member)) {
      const close = this.#open(code, member);
      for (const inner of runsOf(member.members)) this.#member(code, inner);
      close();
    } else this.#leaf(code, member.key, member.field as Field<never>);
  }

  /** Returns what closes it. */
  #open(code: Code, { name, constant }: Node): () => void {
    const open = memberHead(name);
    if (constant !== '') {
      this.#constant(code, `${open}{${constant}`);
      this.#most += 1;
      return () => code.add('d.setUint8(at, 0x7d); at += 1;');
    }
    const object = `o${code.objects++}`;
    this.#constant(code, open);
    code.add(`const ${object} = at;`);
    this.#most += 1;
    return () =>
      code.add(
        `if (at === ${object}) at -= ${open.length}; else { d.setUint8(${object}, 0x7b); d.setUint8(at, 0x7d); at += 1; }`,
      );
  }

  /** `at` moves only if there is a value. */
  #leaf(code: Code, key: string, field: Field<never>): void {
    const name = memberHead(key);
    code.leaves += 1;
    this.#most += name.length;
    const text = this.#compiler.text(name);
    const value = `${code.name(field.value)}(r)`;
    if (field.type === 'date' && field.many !== true) {
      this.#most += Most.date;
      code.add(
        `v = ${value}; if (typeof v === 'number') { ${this.#stores(name)} at = w.date(at + ${name.length}, v); } else at = w.maybe(at, ${text}, v);`,
      );
      return;
    }
    code.add(`at = w.maybe(at, ${text}, ${value});`);
  }

  /** Writes `text` at `at` and moves behind it. */
  #constant(code: Code, text: string): void {
    const { length } = ascii(text);
    this.#most += length;
    code.add(
      length > storesMost * 8
        ? `at = w.constant(at, ${this.#compiler.text(ascii(text))});`
        : `${this.#stores(ascii(text))} at += ${length};`,
    );
  }

  /** Code that writes `text` at `at`, as numbers: whole words, the last of which may reach behind it. */
  #stores(text: string): string {
    if (text.length > storesMost * 8) return `w.constant(at, ${this.#compiler.text(text)});`;
    const bytes = Buffer.from(text.padEnd((text.length + 7) & ~7));
    const code: string[] = [];
    for (let from = 0; from < bytes.length; from += 8)
      code.push(`d.setFloat64(at + ${from}, ${bytes.readDoubleLE(from)}, true);`);
    return code.join(' ');
  }
}
