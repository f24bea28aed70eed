// Turns the fields of a record type into a plan of what its JSON is, nested by the dots in their names, and a function that puts
// the values of a record where the plan finds them. Encoders call it once a type and thread; the names and constant parts are
// theirs, so any encoding that nests by name can use it.
//
// The functions are source text made here from the fields, and nothing off the wire is ever part of it. So every field is read at
// a place of its own, where the engine knows what is called and what comes of it. All else is the addon's, as the engine compiles
// each of these functions more than once, and on short runs that costs more than it brings.
//
// Every member begins with a comma; that of an object's first becomes the brace when the object is closed, and an object without
// members is taken back.

import type { FactField, Field } from './contract.ts';
import { FactPlan, type FactStep, type PathOf } from './fact-plan.ts';
import type { ValueSink } from './scribe.ts';

export interface RecordPlan {
  /** What comes before the time: `{"@timestamp":`. */
  readonly head: string;
  /** Members after the time that never change, without a comma around them, by the name of the object they open. */
  readonly constants: readonly { readonly object: string; readonly members: string }[];
  /** Dots in their names open objects. Without a `fact` they are read from the record. */
  readonly fields: readonly (Field<never> | FactField)[];
  /** What is noted of the session comes behind the fields. */
  readonly notes?: PathOf | undefined;
  /** Members at the end that never change, each behind a comma, and whatever closes the document. */
  readonly tail: string;
}

export interface CompiledRecord {
  readonly plan: FactPlan;
  /** Puts the values of a record. */
  readonly fill: (record: unknown, values: ValueSink) => void;
}

/** Fields read by one function: few enough that the engine takes their reading into it, enough that it is not itself taken into its caller. */
const fieldsPerFunction = 16;

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

/** JSON in printable ASCII. */
const ascii = (json: string): string =>
  json.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

const memberHead = (key: string): string => ascii(`,${JSON.stringify(key)}:`);

/** A member as steps; the fields that have values come to `fields`, in the order of their indexes. */
function stepsOf(member: Node | Leaf, fields: Field<never>[]): FactStep[] {
  if ('field' in member) {
    const { key, field } = member;
    const text = memberHead(key);
    if ('fact' in field) return [{ step: 'fact', text, fact: field.fact, which: field.which ?? 0 }];
    return [{ step: 'value', text, index: fields.push(field) - 1 }];
  }
  const open = memberHead(member.name);
  const inner = member.members.flatMap((each) => stepsOf(each, fields));
  return member.constant === ''
    ? [{ step: 'open', text: open }, ...inner, { step: 'close' }]
    : [{ step: 'text', text: `${open}{${ascii(member.constant)}` }, ...inner, { step: 'text', text: '}' }];
}

export function compileRecord(plan: RecordPlan): CompiledRecord {
  const root = newNode('');
  for (const { object, members } of plan.constants) childOf(root, object).constant = members;
  for (const field of plan.fields) {
    const path = field.name.split('.');
    const key = path.pop() as string;
    path.reduce(childOf, root).members.push({ key, field });
  }
  const fields: Field<never>[] = [];
  const members = root.members.flatMap((member) => stepsOf(member, fields));
  const head: FactStep[] = [{ step: 'text', text: ascii(plan.head) }, { step: 'time' }];
  const notes: FactStep[] = plan.notes === undefined ? [] : [{ step: 'notes', pathOf: plan.notes }];
  return { plan: new FactPlan([...head, ...members, ...notes, { step: 'text', text: ascii(plan.tail) }]), fill: fillOf(fields) };
}

type Fill = CompiledRecord['fill'];

function fillOf(fields: readonly Field<never>[]): Fill {
  const parts: Fill[] = [];
  for (let from = 0; from < fields.length; from += fieldsPerFunction) {
    const some = fields.slice(from, from + fieldsPerFunction);
    const reads = some.map(({ type, many }, place) =>
      type === 'date' && many !== true
        ? `values.date(${from + place}, f${place}(record));`
        : `v = f${place}(record); if (v !== undefined) values.put(${from + place}, v);`,
    );
    const body = `"use strict";\nreturn function putValues(record, values) {\nlet v;\n${reads.join('\n')}\n};`;
    const make = new Function(...some.map((_field, place) => `f${place}`), body) as (...reading: unknown[]) => Fill;
    parts.push(make(...some.map(({ value }) => value)));
  }
  if (parts.length <= 1) return parts[0] ?? (() => {});
  const calls = parts.map((_part, index) => `p${index}(record, values);`);
  const body = `"use strict";\nreturn function putRecord(record, values) {\n${calls.join('\n')}\n};`;
  return (new Function(...parts.map((_part, index) => `p${index}`), body) as (...all: Fill[]) => Fill)(...parts);
}
