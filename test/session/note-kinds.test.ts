// Notes of every kind of field against a model: sums, lists with and without repeats, whole JSON values, fields whose numbers
// take two bytes, and what stays when a part of the session was saved.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type ArkimeField, FactPlan, JsonText, type SessionField } from '../../src/record/index.ts';
import { FactDeskLayout as Desk } from '../../src/ring/index.ts';
import { RecordScribe } from '../../src/scribe/index.ts';
import { defaultSessionConfig, type SessionConfig, sessionCounters } from '../../src/session/index.ts';
import { SessionNotes } from '../../src/session/notes.ts';

const slots = 65;
const arkime = (linked?: boolean): { readonly arkime: ArkimeField } => ({
  arkime: { path: 'x', expression: 'x', kind: 'termfield', ...(linked === undefined ? {} : { linked }) },
});
const kinds: readonly Omit<SessionField, 'name' | 'meaning'>[] = [
  { type: 'long', many: false, sum: true },
  { type: 'long', many: false, sum: true, ...arkime(true) },
  { type: 'object', many: true },
  { type: 'object', many: false },
  { type: 'object', many: true, ...arkime(true) },
  { type: 'object', many: true, repeats: true },
  { type: 'object', many: false, ...arkime() },
  { type: 'object', many: false, ...arkime(false) },
];
const staying = [false, true, false, true, true, false, true, false];
/** Enough for numbers of two bytes; each kind has low and high ones. */
const fields: readonly SessionField[] = Array.from({ length: 640 }, (_, index) => ({
  ...(kinds[index % kinds.length] as (typeof kinds)[number]),
  name: `f${index}`,
  meaning: '',
}));

function make(config: Partial<SessionConfig> = {}) {
  const counters = new Float64Array(sessionCounters.names.length);
  const notes = new SessionNotes(slots, defaultSessionConfig(config), counters);
  // All fields get their numbers, in their order.
  for (const field of fields) notes.add(slots - 2, field, field.sum === true ? 0 : JsonText.of(0));
  notes.forget(slots - 2);
  return { notes, count: (name: 'dropped_note_values' | 'note_bytes') => counters[sessionCounters.index[name]] as number };
}

function textOf({ bytes, from, to }: JsonText): unknown {
  return JSON.parse(Buffer.from(bytes.subarray(from, to)).toString());
}

/** A document that has all fields as lists. */
const everything = new FactPlan([
  { step: 'text', text: '{"":0' },
  { step: 'notes', pathOf: ({ name }) => ({ path: name, many: true }) },
  { step: 'text', text: '}' },
]);
const document = Buffer.alloc(1 << 20);
const scribes = new WeakMap<SessionNotes, RecordScribe>();

/** Values by field, by both ways to ask. */
function read(notes: SessionNotes, slot: number): Map<SessionField, unknown[]> {
  const scribe = scribes.get(notes) ?? new RecordScribe(undefined, 0, notes);
  scribes.set(notes, scribe);
  scribe.begin();
  scribe.words[Desk.notes >> 2] = notes.headOf(slot);
  const end = scribe.write(everything, document, 0, document.length - everything.most, 0);
  assert.ok(end > 0);
  const { '': _start, ...byName } = JSON.parse(document.toString('utf8', 0, end)) as Record<string, unknown[]>;
  const values = new Map<SessionField, unknown[]>();
  for (const [name, list] of Object.entries(byName)) values.set(fields[Number(name.slice(1))] as SessionField, list);
  for (const [field, expected] of values) {
    const noted = notes.noted(slot, field);
    assert.ok(noted !== undefined);
    assert.deepEqual(textOf(noted), field.many ? expected : expected[0]);
  }
  return values;
}

const value = fc.oneof(
  fc.constantFrom<unknown>({}, [], null, { a: [1, { b: 'é"' }] }),
  fc.integer(),
  fc.integer({ min: 100, max: 700 }).map((length) => ({ long: 'x'.repeat(length) })),
);
const step = fc.record({
  slot: fc.constantFrom(0, 1, slots - 1),
  field: fc.oneof(fc.nat({ max: 15 }), fc.integer({ min: 624, max: 639 })),
  value,
  amount: fc.nat({ max: 2 ** 40 }),
  action: fc.oneof(
    { weight: 25, arbitrary: fc.constant('add' as const) },
    { weight: 2, arbitrary: fc.constant('part' as const) },
    { weight: 1, arbitrary: fc.constant('forget' as const) },
  ),
});

describe('notes of every kind', () => {
  test('are what a plain map would hold', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const { notes, count } = make({ max_note_values: 4 });
        const model = new Map<number, Map<SessionField, unknown[]>>();
        let dropped = 0;
        for (const { slot, field: index, value: plain, amount, action } of steps) {
          const values = model.get(slot) ?? new Map<SessionField, unknown[]>();
          model.set(slot, values);
          if (action === 'forget') {
            notes.forget(slot);
            values.clear();
          } else if (action === 'part') {
            notes.nextPart(slot);
            for (const each of values.keys()) if (staying[fields.indexOf(each) % kinds.length] !== true) values.delete(each);
          } else {
            const field = fields[index] as SessionField;
            notes.add(slot, field, field.sum === true ? amount : JsonText.of(plain));
            const known = values.get(field);
            if (known === undefined) values.set(field, [field.sum === true ? amount : plain]);
            else if (field.sum === true) known[0] = (known[0] as number) + amount;
            else if (
              field.many &&
              (field.repeats === true || !known.some((each) => JSON.stringify(each) === JSON.stringify(plain)))
            ) {
              if (known.length === 4) dropped += 1;
              else known.push(plain);
            }
          }
        }
        for (const [slot, expected] of model) assert.deepEqual(read(notes, slot), expected);
        assert.equal(count('dropped_note_values'), dropped);
        for (let slot = 0; slot < slots; slot += 1) notes.forget(slot);
        assert.equal(count('note_bytes'), 0);
      }),
      { numRuns: 200, seed: 41 },
    );
  });

  test('sums stand between other values, grow in place, and have an end', () => {
    const { notes } = make();
    const [sum, linkedSum, many] = fields as [SessionField, SessionField, SessionField];
    for (let round = 0; round < 40; round += 1) {
      for (const [slot, amount] of [
        [0, 1],
        [64, 1000],
      ] as const) {
        notes.add(slot, many, JsonText.of({ round }));
        notes.add(slot, sum, amount);
        notes.add(slot, linkedSum, amount * 2);
      }
    }
    assert.deepEqual(
      [0, 64].map((slot) => [read(notes, slot).get(sum), read(notes, slot).get(linkedSum)]),
      [
        [[40], [80]],
        [[40_000], [80_000]],
      ],
    );
    assert.equal(read(notes, 64).get(many)?.length, 32);
    notes.add(0, sum, Number.MAX_SAFE_INTEGER);
    notes.add(0, sum, 1);
    assert.deepEqual(read(notes, 0).get(sum), [999_999_999_999_999]);
  });

  test('of any length come back whole', () => {
    const { notes } = make();
    const many = fields[2] as SessionField;
    const lengths = [1, 2, 120, 126, 127, 128, 129, 130, 16_382, 16_383, 16_384, 16_385, 70_000];
    for (const length of lengths) notes.add(3, many, JsonText.of('y'.repeat(Math.max(0, length - 2))));
    assert.deepEqual(
      read(notes, 3)
        .get(many)
        ?.map((each) => (each as string).length + 2),
      [2, ...lengths.slice(2)],
    );
  });

  test('that do not fit into the memory for all are dropped, sums too', () => {
    const { notes, count } = make({ note_total_bytes: 4096 });
    const [sum, , many, single] = fields as [SessionField, SessionField, SessionField, SessionField];
    const before = count('dropped_note_values');
    notes.add(0, single, JsonText.of('z'.repeat(3500)));
    for (let index = 0; index < 20; index += 1) notes.add(0, many, JsonText.of({ index, fill: 'z'.repeat(15) }));
    assert.ok(count('dropped_note_values') > before);
    const full = count('dropped_note_values');
    for (let slot = 1; slot < 20; slot += 1) notes.add(slot, sum, 5);
    assert.ok(count('dropped_note_values') > full);
    notes.forget(0);
    notes.add(21, sum, 5);
    notes.add(21, sum, 6);
    assert.deepEqual(read(notes, 21).get(sum), [11]);
  });
});
