import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type Direction, probeLimitBytes, Recognizer } from '../../src/decoders/index.ts';
import { FirstBytes } from '../../src/session/first-bytes.ts';
import { sessionCounters } from '../../src/session/session-counters.ts';
import type { SessionTable } from '../../src/session/session-table.ts';
import { Slot, State, slotShift } from '../../src/session/slot-layout.ts';
import { tableOf } from './finder.ts';

const slots = 4;
const C = sessionCounters.index;

interface Kit {
  readonly kept: FirstBytes;
  readonly table: SessionTable;
  count(name: 'probing_bytes' | 'refused_probings'): number;
}

function make(limitBytes: number): Kit {
  const counters = new Float64Array(sessionCounters.names.length);
  const table = tableOf(slots);
  const config = { probe_total_bytes: limitBytes, tcp_queue_segments: 1, tcp_hole_wait_ms: 0, tcp_acked_hole_wait_ms: 0 };
  const kept = new FirstBytes(table, new Recognizer([]), undefined, config, counters);
  return { kept, table, count: (name) => counters[C[name]] as number };
}

function read(kept: FirstBytes, slot: number, direction: Direction): string {
  kept.open(slot, direction);
  return kept.bytes.toString('latin1', kept.from, kept.to);
}

interface Step {
  readonly slot: number;
  readonly direction: Direction;
  readonly action: 'add' | 'drop' | 'cut' | 'flip' | 'give up';
  readonly length: number;
}

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    slot: fc.nat({ max: slots - 1 }),
    direction: fc.constantFrom<Direction>(0, 1),
    action: fc.constantFrom<Step['action']>('add', 'add', 'add', 'add', 'drop', 'cut', 'flip', 'give up'),
    length: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 200 })),
  }),
  { maxLength: 60 },
);

describe('first bytes', () => {
  test('are those that were added, by direction, whatever else happens', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const { kept, table, count } = make(1 << 20);
        const model = new Map<string, { text: string; timeUs: number; after: number }>();
        for (const [index, { slot, direction, action, length }] of all.entries()) {
          const key = `${slot}.${direction}`;
          const known = model.get(key);
          if (action === 'add') {
            const size = Math.min(length, probeLimitBytes - (known?.text.length ?? 0));
            if (size === 0) continue;
            const bytes = Buffer.alloc(size + 2, 33 + (index % 90));
            assert.equal(kept.add(slot, direction, bytes, 2, size, index - 30, index * 1.5), known?.text.length ?? 0);
            const text = (known?.text ?? '') + bytes.toString('latin1', 2);
            model.set(key, { text, timeUs: known?.timeUs ?? index * 1.5, after: index - 30 });
          } else if (action === 'drop') {
            kept.drop(slot, direction);
            model.delete(key);
          } else if (action === 'cut') {
            if (known === undefined) continue;
            const left = 1 + (length % known.text.length);
            kept.cut(slot, direction, left, index);
            model.set(key, { ...known, text: known.text.slice(0, left), after: index });
          } else if (action === 'flip') {
            table.flip(slot);
            const [first, second] = [model.get(`${slot}.0`), model.get(`${slot}.1`)];
            model.delete(`${slot}.0`);
            model.delete(`${slot}.1`);
            if (second !== undefined) model.set(`${slot}.0`, second);
            if (first !== undefined) model.set(`${slot}.1`, first);
          } else {
            kept.giveUp(slot, direction);
            model.delete(key);
            const state = table.words[(slot << slotShift) + Slot.state] as number;
            assert.notEqual(state & (State.unknown0 << direction), 0);
          }
          for (const [other, { text, timeUs, after }] of model) {
            const [otherSlot, otherDirection] = other.split('.').map(Number) as [number, Direction];
            assert.equal(read(kept, otherSlot, otherDirection), text);
            assert.equal(kept.timeUs, timeUs);
            assert.equal(kept.length(otherSlot, otherDirection), text.length);
            assert.equal(kept.after(otherSlot, otherDirection), after);
          }
          for (let each = 0; each < slots; each += 1)
            for (const side of [0, 1] as const) assert.equal(kept.has(each, side), model.has(`${each}.${side}`));
        }
        for (let slot = 0; slot < slots; slot += 1) {
          kept.drop(slot, 0);
          kept.drop(slot, 1);
        }
        assert.deepEqual([count('probing_bytes'), count('refused_probings')], [0, 0]);
      }),
      { numRuns: 300, seed: 31 },
    );
  });

  test('beyond the limit are refused, and what a direction had is dropped', () => {
    // Room for two small blocks and a large one.
    const { kept, count } = make(400);
    const bytes = Buffer.alloc(300, 120);
    assert.equal(kept.add(0, 0, bytes, 0, 10, 0, 0), 0);
    assert.equal(kept.add(1, 0, bytes, 0, 10, 0, 0), 0);
    assert.equal(kept.add(2, 0, bytes, 0, 100, 0, 0), 0);
    assert.equal(kept.add(3, 0, bytes, 0, 1, 0, 0), -1);
    assert.equal(kept.add(0, 0, bytes, 0, 100, 0, 0), -1);
    assert.deepEqual([kept.length(0, 0), kept.length(1, 0), kept.length(2, 0), kept.length(3, 0)], [0, 10, 100, 0]);
    assert.deepEqual([count('probing_bytes'), count('refused_probings')], [64 + 272, 2]);
    assert.equal(kept.add(3, 0, bytes, 0, 48, 0, 0), 0);
  });
});
