// What is noted of a session as members of its document: order, objects around values, counts, characters, limits, and fields and
// memory that come later.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FactPlan, type NotedPath, type SessionField } from '../../src/record/index.ts';
import { FactDeskLayout as Desk } from '../../src/ring/index.ts';
import { RecordScribe } from '../../src/scribe/index.ts';
import { defaultSessionConfig, sessionCounters } from '../../src/session/index.ts';
import { SessionNotes } from '../../src/session/notes.ts';
import type { Note } from '../record/fact-reference.ts';

interface Form extends NotedPath {
  readonly field: SessionField;
}

function form(path: string, many: boolean, more: Partial<NotedPath> = {}): Form {
  return { field: { name: path, type: 'keyword', many: true, repeats: true, meaning: path }, path, many, ...more };
}

const forms = [
  form('b.c', true, { count: 'Cnt' }),
  form('b.a.x', false),
  form('b-d', false),
  form('b.a.y', true, { count: '-cnt' }),
  form('top', false),
  form(`${'long'.repeat(12)}.${'name'.repeat(12)}`, false, { count: 'Cnt' }),
  form('latin', true, { latin: true }),
];
const [c, x, d, y, top, , latin] = forms.map(({ field }) => field) as [
  SessionField,
  SessionField,
  SessionField,
  SessionField,
  SessionField,
  SessionField,
  SessionField,
];
const unknown: SessionField = { name: 'unknown', type: 'keyword', many: false, meaning: '' };

/** A scribe with a plan of nothing but notes. */
class Document {
  readonly notes: SessionNotes;
  readonly plan: FactPlan;
  readonly #scribe: RecordScribe;

  constructor(of: readonly Form[], slots = 1) {
    const config = defaultSessionConfig({ max_note_values: 1000, max_note_bytes: 1 << 12 });
    this.notes = new SessionNotes(slots, config, new Float64Array(sessionCounters.names.length));
    this.plan = new FactPlan([{ step: 'notes', pathOf: (field) => of.find((each) => each.field === field) }]);
    this.#scribe = new RecordScribe(undefined, 0, this.notes);
  }

  write(notes: readonly Note[], limit = 1 << 16, slot = 0): string | undefined {
    this.notes.forget(slot);
    for (const [field, value] of notes) this.notes.add(slot, field, value);
    return this.again(limit, slot);
  }

  again(limit: number, slot: number): string | undefined {
    const target = Buffer.alloc(limit + this.plan.most + 16, 0xee);
    this.#scribe.begin();
    this.#scribe.words[Desk.notes >> 2] = this.notes.headOf(slot);
    const end = this.#scribe.write(this.plan, target, 0, limit, 0);
    assert.ok(target.subarray(limit + this.plan.most).every((byte) => byte === 0xee));
    assert.ok(end <= limit);
    return end < 0 ? undefined : target.toString('utf8', 0, end);
  }
}

test('each object is opened once, values of a list stay in their order, the first of a single one counts', () => {
  const text = new Document(forms).write([
    [top, 1],
    [c, 'two'],
    [x, 2.5],
    [unknown, 'no'],
    [y, true],
    [c, 'one'],
    [top, 2],
    [d, 'dash'],
    [latin, 'l'],
  ]);
  assert.equal(text, ',"b":{"a":{"x":2.5,"y":[true],"y-cnt":1},"c":["two","one"],"cCnt":2},"b-d":"dash","latin":["l"],"top":1');
  assert.equal(new Document(forms).write([]), '');
  assert.equal(new Document(forms).write([[unknown, 1]]), '');
});

test('bytes from 0x80 on are characters of Latin-1 where the document has it so', () => {
  const plain = form('u', true);
  const text = new Document([...forms, plain]).write([
    [latin, 'é€'],
    [plain.field, 'é€'],
  ]);
  assert.deepEqual(JSON.parse(`{${text?.slice(1)}}`), { latin: [Buffer.from('é€').toString('latin1')], u: ['é€'] });
});

test('fields of one path are one list', () => {
  const first = form('p', true, { count: 'Cnt' });
  const second = { ...form('other', true), path: 'p', count: 'Cnt' };
  const notes: Note[] = [
    [first.field, 1],
    [second.field, 2],
    [first.field, 3],
  ];
  assert.equal(new Document([first, second]).write(notes), ',"p":[1,2,3],"pCnt":3');
});

test('names are written as JSON', () => {
  const odd = form('a"b.ü\\', false, { count: '\n' });
  const text = new Document([odd]).write([[odd.field, 1]]);
  assert.deepEqual(JSON.parse(`{${text?.slice(1)}}`), { 'a"b': { 'ü\\': 1, 'ü\\\n': 1 } });
});

test('fields that come later go where they belong', () => {
  const many = Array.from({ length: 40 }, (_, index) => form(`g${index % 3}.f${(index * 17) % 40}`, false));
  const document = new Document(many);
  for (let count = 1; count <= many.length; count += 1) {
    const some = many.slice(0, count);
    const text = document.write(some.map(({ field }) => [field, 1] as const));
    const sorted = some.map(({ path }) => path).sort();
    const expected: Record<string, Record<string, number>> = {};
    for (const path of sorted) {
      const [group, name] = path.split('.') as [string, string];
      expected[group] = { ...expected[group], [name]: 1 };
    }
    assert.equal(`{${text?.slice(1)}}`, JSON.stringify(expected));
  }
});

test('sessions whose notes lie in memory of later', () => {
  const slots = 3000;
  const document = new Document(forms, slots);
  for (let slot = 0; slot < slots; slot += 1)
    for (let value = 0; value < 5; value += 1) document.notes.add(slot, c, `${slot} ${value} ${'x'.repeat(50)}`);
  for (let slot = 0; slot < slots; slot += 7) {
    const values = Array.from({ length: 5 }, (_, value) => `${slot} ${value} ${'x'.repeat(50)}`);
    assert.equal(document.again(1 << 12, slot), `,"b":{"c":${JSON.stringify(values)},"cCnt":5}`);
  }
});

test('any notes give what they would as plain objects, or nothing where there is no room', () => {
  const document = new Document(forms);
  const one = fc.oneof(fc.string({ minLength: 1, maxLength: 20 }), fc.integer(), fc.boolean());
  const note = fc.tuple(fc.nat({ max: forms.length - 1 }), one);
  fc.assert(
    fc.property(fc.array(note, { maxLength: 100 }), fc.nat({ max: 3000 }), (indexed, limit) => {
      const notes = indexed.map(([index, value]) => [forms[index]?.field as SessionField, value] as const);
      const text = document.write(notes);
      assert.ok(text !== undefined);
      const expected: Record<string, unknown> = {};
      for (const { field, path, many, count, latin: isLatin } of forms) {
        const values = notes.filter(([each]) => each === field).map(([, value]) => value);
        if (values.length === 0) continue;
        const shown = values.map((value) =>
          isLatin && typeof value === 'string' ? Buffer.from(value).toString('latin1') : value,
        );
        const keys = path.split('.');
        const last = keys.pop() as string;
        let at = expected;
        for (const key of keys) {
          at[key] ??= {};
          at = at[key] as Record<string, unknown>;
        }
        at[last] = many ? shown : shown[0];
        if (count !== undefined) at[`${last}${count}`] = values.length;
      }
      assert.deepEqual(JSON.parse(`{${text.slice(1)}}`), expected);
      const fits = Buffer.byteLength(text) <= limit;
      assert.equal(document.again(limit, 0), fits ? text : undefined);
    }),
    { numRuns: 200, seed: 7 },
  );
});
