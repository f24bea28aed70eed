import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { ByteText, type SessionField } from '../../src/record/index.ts';
import { defaultSessionConfig, type SessionConfig, sessionCounters } from '../../src/session/index.ts';
import { SessionNotes } from '../../src/session/notes.ts';

const C = sessionCounters.index;
/** The first and the last share a place among the pieces that are kept. */
const slots = 65;

function field(name: string, many: boolean): SessionField {
  return { name, type: 'keyword', many, meaning: name };
}

const fields: SessionField[] = [
  field('a', true),
  field('b', false),
  { ...field('c', true), empty: true },
  field('d', false),
  { ...field('e', true), repeats: true },
];

type Value = string | number | boolean;

function make(config: Partial<SessionConfig> = {}) {
  const counters = new Float64Array(sessionCounters.names.length);
  const notes = new SessionNotes(slots, defaultSessionConfig(config), counters);
  return {
    notes,
    count: (name: 'note_bytes' | 'dropped_note_values' | 'cut_note_values') => counters[C[name]] as number,
    read: (slot: number, of: SessionField): unknown => {
      const text = notes.noted(slot, of);
      return text === undefined ? undefined : JSON.parse(Buffer.from(text.bytes.subarray(text.from, text.to)).toString());
    },
  };
}

function asBytes(text: string): ByteText {
  const bytes = Buffer.from(`<${text}>`);
  return new ByteText(bytes, 1, bytes.length - 1);
}

const value: fc.Arbitrary<Value> = fc.oneof(
  fc.constantFrom<Value>('', 'x', 'y', 1, 2, true, false, '1', 'true'),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.string({ maxLength: 300 }),
  fc.integer(),
);
const step = fc.record({
  slot: fc.constantFrom(0, 1, slots - 1),
  field: fc.nat({ max: fields.length - 1 }),
  value,
  inBytes: fc.boolean(),
  action: fc.oneof(
    { weight: 20, arbitrary: fc.constant('add' as const) },
    { weight: 1, arbitrary: fc.constantFrom('part' as const, 'forget' as const) },
  ),
});

describe('notes', () => {
  test('are distinct by value, bounded in number, and begin anew with a part but for single ones', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const { notes, read, count } = make({ max_note_values: 3, max_note_bytes: 200 });
        const model = Array.from({ length: slots }, () => new Map<SessionField, Value[]>());
        let dropped = 0;
        let cut = 0;
        for (const { slot, field: index, value: plain, inBytes, action } of steps) {
          const of = model[slot] as Map<SessionField, Value[]>;
          if (action === 'part') {
            notes.nextPart(slot);
            for (const each of fields) if (each.many) of.delete(each);
          } else if (action === 'forget') {
            notes.forget(slot);
            of.clear();
          } else {
            const which = fields[index] as SessionField;
            notes.add(slot, which, inBytes && typeof plain === 'string' ? asBytes(plain) : plain);
            if (plain === '' && which.empty !== true && which.repeats !== true) continue;
            let kept = plain;
            if (typeof plain === 'string' && plain.length > 200) {
              kept = plain.slice(0, 200);
              cut += 1;
            }
            const values = of.get(which);
            if (values === undefined) of.set(which, [kept]);
            else if (which.many && (which.repeats === true || !values.includes(kept))) {
              if (values.length === 3) dropped += 1;
              else values.push(kept);
            }
          }
          for (const [number, expected] of model.entries()) {
            for (const each of fields) {
              const values = expected.get(each);
              assert.deepEqual(read(number, each), each.many ? values : values?.[0]);
            }
          }
        }
        assert.deepEqual([count('dropped_note_values'), count('cut_note_values')], [dropped, cut]);
        for (let slot = 0; slot < slots; slot += 1) notes.forget(slot);
        assert.equal(count('note_bytes'), 0);
      }),
      { numRuns: 200, seed: 32 },
    );
  });

  test('empty text is no value and keeps no other one out, but where it says that there was one', () => {
    const { notes, read, count } = make();
    const [many, single, manyOrEmpty, , pairs] = fields as [SessionField, SessionField, SessionField, SessionField, SessionField];
    for (const text of ['', 'x', '']) {
      for (const form of [text, asBytes(text)]) for (const each of [many, single, manyOrEmpty, pairs]) notes.add(0, each, form);
    }
    assert.equal(notes.add(1, many, ''), false);
    assert.deepEqual([read(0, many), read(0, single), read(0, manyOrEmpty)], [['x'], 'x', ['', 'x']]);
    assert.deepEqual(read(0, pairs), ['', '', 'x', 'x', '', '']);
    assert.equal(count('dropped_note_values'), 0);
  });

  test('text and its bytes are the same value', () => {
    const { notes, read } = make();
    const [many] = fields as [SessionField];
    for (const text of ['a"\\\u0001', 'ä€😀', 'plain']) {
      notes.add(0, many, text);
      notes.add(0, many, asBytes(text));
    }
    assert.deepEqual(read(0, many), ['a"\\\u0001', 'ä€😀', 'plain']);
  });

  test('long text is cut after whole characters, counted as its bytes and its string are', () => {
    const { notes, read, count } = make({ max_note_bytes: 16 });
    const [many] = fields as [SessionField];
    const texts = [`${'x'.repeat(15)}😀`, `${'€'.repeat(16)}!`, `${'ä'.repeat(14)}😀y`];
    for (const text of texts) {
      notes.add(0, many, text);
      notes.add(1, many, asBytes(text));
    }
    const expected = ['x'.repeat(15), '€'.repeat(16), `${'ä'.repeat(14)}😀`];
    assert.deepEqual(read(0, many), expected);
    assert.deepEqual(read(1, many), expected);
    assert.equal(count('cut_note_values'), 6);
    const short = '€'.repeat(16);
    notes.add(2, many, asBytes(short));
    assert.deepEqual([read(2, many), count('cut_note_values')], [[short], 6]);
  });

  test('bytes that are no UTF-8 are cut too', () => {
    const { notes, count } = make({ max_note_bytes: 16 });
    const [many] = fields as [SessionField];
    const bytes = Buffer.from([...new Array(14).fill(0x41), 0xf0, 0x80]);
    notes.add(0, many, new ByteText(bytes, 0, bytes.length));
    notes.add(0, many, new ByteText(Buffer.concat([bytes, bytes]), 0, 32));
    assert.equal(count('cut_note_values'), 1);
  });

  test('have a limit for all sessions together, and what a session gives back another can use', () => {
    const { notes, read, count } = make({ note_total_bytes: 4096 });
    const [many, single] = fields as [SessionField, SessionField];
    // A chunk holds 24 or 28 bytes: 4096 bytes are 128 chunks, 24 + 127 * 28 bytes.
    const long = 'z'.repeat(1000);
    for (const letter of 'abcd') notes.add(0, many, letter + long.slice(1));
    assert.equal((read(0, many) as string[]).length, 3);
    assert.equal(count('dropped_note_values'), 1);
    notes.add(1, single, 'y'.repeat(600));
    assert.equal(count('dropped_note_values'), 2);
    assert.equal(read(1, single), undefined);
    assert.ok(count('note_bytes') <= 4096);
    notes.forget(0);
    assert.equal(count('note_bytes'), 0);
    notes.add(1, single, 'y'.repeat(600));
    assert.equal(read(1, single), 'y'.repeat(600));
    assert.equal(count('note_bytes'), 32 * (1 + Math.ceil((605 - 24) / 28)));
  });

  test('of more fields than can be numbered are counted as left out', () => {
    const { notes, read, count } = make();
    const many = Array.from({ length: 65_600 }, (_, index) => field(`f${index}`, false));
    for (const [index, each] of many.entries()) notes.add(index & 3, each, 1);
    assert.equal(count('dropped_note_values'), 65);
    assert.deepEqual([read(2, many[65_534] as SessionField), read(3, many[65_535] as SessionField)], [1, undefined]);
  });
});

test('a session with much knows what it has, also when sessions take turns and parts are saved', () => {
  const { notes, read } = make({ max_note_values: 100_000 });
  const model = [new Set<string>(), new Set<string>()];
  const [many, single] = fields as [SessionField, SessionField];
  for (let turn = 0; turn < 12; turn += 1) {
    const slot = turn & 1;
    for (let index = 0; index < 400; index += 1) {
      const text = `value ${(index * 7 + turn * 100) % 900}`;
      assert.equal(notes.add(slot, many, text), !(model[slot] as Set<string>).has(text));
      (model[slot] as Set<string>).add(text);
    }
    assert.equal(notes.add(slot, single, 'one'), turn < 2);
    if (turn !== 6) continue;
    notes.nextPart(slot);
    (model[slot] as Set<string>).clear();
  }
  for (const slot of [0, 1]) assert.deepEqual(read(slot, many), [...(model[slot] as Set<string>)]);
});

test('codes noted again and again are known until values go', () => {
  const { notes, read } = make();
  const [many, single] = fields as [SessionField, SessionField];
  for (const next of ['part', 'remove', 'forget'] as const) {
    assert.deepEqual([notes.add(1, many, 5), notes.add(1, many, 5), notes.add(2, many, 5)], [true, false, true]);
    assert.deepEqual([notes.add(1, single, 1), notes.add(1, single, 2), notes.add(1, single, 2)], [true, false, false]);
    if (next === 'part') notes.nextPart(1);
    else if (next === 'remove') notes.remove(1, many, 5);
    else notes.forget(1);
    assert.equal(read(1, many), undefined);
    assert.equal(notes.add(1, many, 5), true);
    assert.deepEqual(read(1, many), [5]);
    notes.forget(1);
    notes.forget(2);
  }
});
