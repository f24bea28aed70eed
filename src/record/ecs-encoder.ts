// The `ecs` encoding: one JSON document a record, nested as in the Elastic Common Schema, newline at its end. Runs on
// packet workers (and on the main thread for stats). Each record type is compiled once into a list of steps in tree
// order; encoding walks it, opens and closes objects as values turn up, and writes bytes straight into the target.

import type { Field, FieldType, RecordType } from './contract.ts';
import { JsonWriter } from './json-writer.ts';
import type { SessionFacts } from './session-facts.ts';
import { flowFields } from './session-record.ts';

export const ecsVersion = '9.0.0';

interface Step {
  /** Reads from the session instead of the record. */
  readonly ofSession: boolean;
  readonly type: FieldType;
  /** undefined: `key` is the whole member, always written. */
  readonly value: ((from: never) => unknown) | undefined;
  /** `"name":` */
  readonly key: Buffer;
  /** Objects around the field, outermost first; identity of the node tells whether it is open already. */
  readonly parents: readonly Node[];
}

interface Node {
  /** `"name":{` */
  readonly key: Buffer;
  readonly name: string;
  readonly children: Map<string, Node>;
  readonly order: (Node | Step)[];
}

const openBrace = Buffer.from('{"@timestamp":');
const tail = Buffer.from(`,"ecs":{"version":"${ecsVersion}"}}\n`);

function newNode(name: string): Node {
  return { key: Buffer.from(`${JSON.stringify(name)}:{`), name, children: new Map(), order: [] };
}

/** Places the fields in a tree (order of first appearance) and reads the steps off it, so that every object is opened once. */
function compile(dataset: string, fields: readonly { readonly field: Field<never>; readonly ofSession: boolean }[]): Step[] {
  const root = newNode('');
  const event = newNode('event');
  root.children.set('event', event);
  root.order.push(event);
  event.order.push({ ...eventHead(dataset), parents: [event] });
  for (const { field, ofSession } of fields) {
    const path = field.name.split('.');
    const leaf = path.pop() as string;
    const parents: Node[] = [];
    let node = root;
    for (const name of path) {
      let child = node.children.get(name);
      if (child === undefined) {
        child = newNode(name);
        node.children.set(name, child);
        node.order.push(child);
      }
      parents.push(child);
      node = child;
    }
    const step: Step = { ofSession, type: field.type, value: field.value, key: Buffer.from(`${JSON.stringify(leaf)}:`), parents };
    node.order.push(step);
  }
  const steps: Step[] = [];
  const walk = (node: Node): void => {
    for (const entry of node.order) {
      if ('children' in entry) walk(entry);
      else steps.push(entry);
    }
  };
  walk(root);
  return steps;
}

/** What `event` starts with in every record of a type; it never changes, so it is bytes from the start. */
function eventHead(dataset: string): Step {
  const [kind, category] = dataset === 'stats' ? ['metric', 'host'] : ['event', 'network'];
  const types = eventTypes[dataset] ?? ['connection', 'protocol'];
  const key = Buffer.from(
    `"kind":"${kind}","category":["${category}"],"type":${JSON.stringify(types)},"dataset":${JSON.stringify(dataset)}`,
  );
  return { ofSession: false, type: 'keyword', value: undefined, key, parents: [] };
}

/** ECS `event.type` by dataset; those of decoders are about a protocol on a connection. */
const eventTypes: Readonly<Record<string, readonly string[]>> = { session: ['connection'], anomaly: ['info'], stats: ['info'] };

/** The fields that the encoding itself adds, for `ringtap fields`. */
export const ecsOwnFields: readonly Pick<Field<never>, 'name' | 'type' | 'meaning' | 'many'>[] = [
  { name: '@timestamp', type: 'date', meaning: "Time of the record: the session's first packet, the request's first byte." },
  { name: 'event.kind', type: 'keyword', meaning: '`event`; `metric` for stats.' },
  { name: 'event.category', type: 'keyword', many: true, meaning: '`network`; `host` for stats.' },
  {
    name: 'event.type',
    type: 'keyword',
    many: true,
    meaning: '`connection` for sessions, with `protocol` for transactions and handshakes; `info` for anomalies and stats.',
  },
  { name: 'event.dataset', type: 'keyword', meaning: 'Record type: session, http, dns, tls, anomaly, stats.' },
  { name: 'ecs.version', type: 'keyword', meaning: 'Version of the Elastic Common Schema that the names follow.' },
];

export class EcsEncoder {
  readonly name = 'ecs';
  readonly #writer = new JsonWriter();
  readonly #compiled = new Map<string, readonly Step[]>();

  #stepsOf(type: RecordType<never>, withSession: boolean): readonly Step[] {
    const key = withSession ? type.name : `${type.name}:`;
    let steps = this.#compiled.get(key);
    if (steps === undefined) {
      steps = compile(type.name, [
        ...(withSession ? flowFields.map((field) => ({ field: field as Field<never>, ofSession: true })) : []),
        ...type.fields.map((field) => ({ field, ofSession: false })),
      ]);
      this.#compiled.set(key, steps);
    }
    return steps;
  }

  /**
   * Writes one record at `from`, never at or past `limit`.
   * @returns the end of what was written, or -1 when it does not fit.
   */
  encode<R>(
    type: RecordType<R>,
    record: R,
    facts: SessionFacts | undefined,
    timeUs: number,
    target: Buffer,
    from: number,
    limit: number,
  ): number {
    const writer = this.#writer;
    writer.begin(target, from, limit);
    writer.raw(openBrace);
    writer.date(timeUs);
    const steps = this.#stepsOf(type as RecordType<never>, facts !== undefined);
    let open: readonly Node[] = noNodes;
    for (let index = 0; index < steps.length; index++) {
      const step = steps[index] as Step;
      const read = step.value;
      const value = read === undefined ? true : read((step.ofSession ? facts : record) as never);
      if (
        value === undefined ||
        value === '' ||
        // Also an empty array, byte text or finished JSON.
        (typeof value === 'object' && (value === null || (value as unknown[]).length === 0))
      )
        continue;
      if (open !== step.parents) {
        moveTo(writer, open, step.parents);
        open = step.parents;
      } else {
        writer.byte(0x2c);
      }
      writer.raw(step.key);
      if (read === undefined) continue;
      if (typeof value === 'string') writer.string(value);
      else if (typeof value === 'number') {
        if (step.type === 'date') writer.date(value);
        else writer.number(value);
      } else writer.value(value);
    }
    for (let depth = open.length; depth > 0; depth--) writer.byte(0x7d);
    writer.raw(tail);
    return writer.overflow ? -1 : writer.position;
  }
}

const noNodes: readonly Node[] = [];

/** Closes and opens objects so that `to` are the open ones, with the comma before the next member. */
function moveTo(writer: JsonWriter, from: readonly Node[], to: readonly Node[]): void {
  let common = 0;
  while (common < from.length && common < to.length && from[common] === to[common]) common++;
  for (let depth = from.length; depth > common; depth--) writer.byte(0x7d);
  // The document always has `@timestamp` before, so a comma is due at the level where the paths part.
  writer.byte(0x2c);
  for (let depth = common; depth < to.length; depth++) writer.raw((to[depth] as Node).key);
}
