// Turns the fields of a record type into one function that writes its record as nested JSON. Encoders call it once a type
// and thread; the names and constant parts are theirs, so any encoding that nests by name can use it.
//
// The function is source text made here from the fields, and nothing off the wire is ever part of it. So every field is
// read at a place of its own, where the engine knows what is called and what comes of it, and constant text is numbers in
// the code, eight bytes a store: an eighth of what a loop over bytes costs (bench/encoder.bench.ts). Every member ends
// with a comma; closing an object turns its last one into the brace, and an object without members is taken back.

import type { Field } from './contract.ts';
import { ByteText, JsonText } from './encoded-values.ts';
import { type JsonWriter, Most } from './json-writer.ts';
import type { SessionFacts } from './session-facts.ts';

export interface CompiledField {
  /** Name in the document; dots open objects. */
  readonly name: string;
  readonly field: Field<never>;
  /** Reads from the session instead of the record. */
  readonly ofSession: boolean;
}

export interface RecordPlan {
  /** What comes before the time: `{"@timestamp":`. */
  readonly head: string;
  /** Members after the time that never change, without a comma at their end, by the name of the object they open. */
  readonly constants: readonly { readonly object: string; readonly members: string }[];
  readonly fields: readonly CompiledField[];
  /** Members at the end that never change, and whatever closes the document. */
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

/** Fields written by one function of the code: few enough that the engine takes their functions into it. */
const fieldsPerFunction = 6;

interface Node {
  readonly name: string;
  readonly children: Map<string, Node>;
  readonly members: (Node | Leaf)[];
  constant: string;
}

interface Leaf {
  readonly key: string;
  readonly field: Field<never>;
  readonly ofSession: boolean;
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

export function compileRecord(plan: RecordPlan): CompiledRecord {
  const root = newNode('');
  for (const { object, members } of plan.constants) childOf(root, object).constant = members;
  for (const { name, field, ofSession } of plan.fields) {
    const path = name.split('.');
    const key = path.pop() as string;
    path.reduce(childOf, root).members.push({ key, field, ofSession });
  }
  return new Compilation(plan, root).result();
}

/** The making of one function. */
class Compilation {
  readonly #plan: RecordPlan;
  readonly #root: Node;
  /** Values that the code names. */
  readonly #names: string[] = [];
  readonly #values: unknown[] = [];
  readonly #functions: string[] = [];
  #most = 0;
  #objects = 0;

  constructor(plan: RecordPlan, root: Node) {
    this.#plan = plan;
    this.#root = root;
  }

  result(): CompiledRecord {
    const { head, tail } = this.#plan;
    const body = [
      'const d = w.view;',
      this.#constant(head),
      'at = w.date(at, timeUs);',
      this.#constant(','),
      ...this.#members(this.#root),
      this.#constant(tail),
      'return at;',
    ];
    this.#most += Most.date;
    const source = `"use strict";\n${this.#functions.join('\n')}\nreturn function writeRecord(w, r, s, timeUs, at) {\n${body.join('\n')}\n};`;
    const make = new Function('JsonText', 'ByteText', ...this.#names, source) as (...values: readonly unknown[]) => WriteRecord;
    return { write: make(JsonText, ByteText, ...this.#values), most: this.#most };
  }

  /** Code for all that an object holds; what it is too much for one function goes into several. */
  #members(node: Node): string[] {
    const code: string[] = [];
    let leaves: string[] = [];
    const flush = (): void => {
      if (leaves.length > 0) code.push(this.#call(leaves));
      leaves = [];
    };
    for (const member of node.members) {
      if ('members' in member) {
        flush();
        code.push(...this.#object(member));
        continue;
      }
      leaves.push(this.#leaf(member));
      if (leaves.length === fieldsPerFunction) flush();
    }
    flush();
    return code;
  }

  #call(code: readonly string[]): string {
    const name = `part${this.#functions.length}`;
    this.#functions.push(
      `function ${name}(w, r, s, at) {\nconst d = w.view;\nlet k = 0, e = 0, v;\n${code.join('\n')}\nreturn at;\n}`,
    );
    return `at = ${name}(w, r, s, at);`;
  }

  #object(node: Node): string[] {
    const open = `${JSON.stringify(node.name)}:{`;
    const before = `before${this.#objects++}`;
    if (node.constant !== '') {
      return [
        this.#constant(`${open}${node.constant},`),
        ...this.#members(node),
        'd.setUint16(at - 1, 0x2c7d, true);',
        'at += 1;',
      ];
    }
    return [
      `const ${before} = at;`,
      this.#constant(open),
      ...this.#members(node),
      `if (at === ${before} + ${Buffer.byteLength(open)}) at = ${before};`,
      'else { d.setUint16(at - 1, 0x2c7d, true); at += 1; }',
    ];
  }

  /** `at` stays before the key until there is a value behind it. */
  #leaf({ key, field, ofSession }: Leaf): string {
    const name = `${JSON.stringify(key)}:`;
    const keyLength = Buffer.byteLength(name);
    const store = this.#stores(name);
    this.#most += keyLength + 2;
    const from = ofSession ? 's' : 'r';
    const end = 'd.setUint8(at, 0x2c); at += 1;';
    if (field.direct !== undefined) {
      this.#most += field.direct.most;
      const write = this.#name(field.direct.write);
      return `k = at + ${keyLength}; ${store} e = ${write}(${from}, w, k); if (e !== k) { at = e; ${end} }`;
    }
    const read = `v = ${this.#name(field.value)}(${from});`;
    // Asked here and not in the writer, so that each field has the engine's knowledge of its own values.
    const any = `if (v instanceof JsonText) { if (v.to > v.from) { ${store} at = w.copy(at + ${keyLength}, v); ${end} } } else if (v instanceof ByteText) { if (v.to > v.from) { ${store} at = w.byteText(at + ${keyLength}, v.bytes, v.from, v.to); ${end} } } else if (w.has(v)) { ${store} at = w.value(at + ${keyLength}, v); ${end} }`;
    if (field.many === true || field.type === 'object') return `${read} if (v !== undefined) ${any}`;
    if (field.type === 'long' || field.type === 'float' || field.type === 'date') {
      const method = field.type === 'date' ? 'date' : 'number';
      this.#most += Most[method];
      return `${read} if (typeof v === 'number') { ${store} at = w.${method}(at + ${keyLength}, v); ${end} } else if (v !== undefined) ${any}`;
    }
    if (field.type === 'boolean') {
      const constant = (value: string): string => this.#constant(`${name}${value},`);
      return `${read} if (v === true) { ${constant('true')} } else if (v === false) { ${constant('false')} } else if (v !== undefined) ${any}`;
    }
    return `${read} if (typeof v === 'string') { if (v.length !== 0) { ${store} at = w.text(at + ${keyLength}, v); ${end} } } else if (v !== undefined) ${any}`;
  }

  /** Code that writes `text` at `at` and moves behind it. */
  #constant(text: string): string {
    const length = Buffer.byteLength(text);
    this.#most += length;
    return `${this.#stores(text)} at += ${length};`;
  }

  /** Code that writes `text` at `at`, in as few stores as it takes; the last ones may overlap. */
  #stores(text: string): string {
    const bytes = Buffer.from(text);
    const code: string[] = [];
    let width = bytes.length >= 8 ? 8 : bytes.length >= 4 ? 4 : bytes.length >= 2 ? 2 : 1;
    // As a number it must stay what it was as bytes, and a NaN need not. Names in ASCII are never one.
    if (width === 8 && bytes.some((byte) => byte >= 0x7f)) width = 4;
    for (let done = 0; done < bytes.length; done += width) {
      const from = Math.min(done, bytes.length - width);
      if (width === 8) code.push(`d.setFloat64(at + ${from}, ${bytes.readDoubleLE(from)}, true);`);
      else if (width === 4) code.push(`d.setInt32(at + ${from}, ${bytes.readInt32LE(from)}, true);`);
      else if (width === 2) code.push(`d.setUint16(at + ${from}, ${bytes.readUInt16LE(from)}, true);`);
      else code.push(`d.setUint8(at + ${from}, ${bytes[from]});`);
    }
    return code.join(' ');
  }

  #name(value: unknown): string {
    const name = `f${this.#names.length}`;
    this.#names.push(name);
    this.#values.push(value);
    return name;
  }
}
