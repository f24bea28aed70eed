import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { TimerWheel } from '../../src/ring/index.ts';
import type { SessionTable } from '../../src/session/session-table.ts';
import { noBucket, Slot, slotWords } from '../../src/session/slot-layout.ts';
import { tableOf } from './finder.ts';

const { tickUs } = TimerWheel;

const slots = 12;
const startUs = 1_760_000_000_000_000;

function makeWheel(): {
  table: SessionTable;
  set(slot: number, clockUs: number, idleMs: number): void;
  isIn(slot: number): boolean;
} {
  const table = tableOf(slots);
  const { words, numbers } = table;
  for (let slot = 0; slot < slots; slot += 1) words[slot * slotWords + Slot.bucket] = noBucket;
  return {
    table,
    set(slot, clockUs, idleMs) {
      numbers[(slot * slotWords + Slot.clockUs) >> 1] = clockUs;
      words[slot * slotWords + Slot.idleMs] = idleMs;
    },
    isIn: (slot) => words[slot * slotWords + Slot.bucket] !== noBucket,
  };
}

function takeAll(table: SessionTable): number[] {
  const due: number[] = [];
  for (let slot = table.takeDue(); slot >= 0; slot = table.takeDue()) due.push(slot);
  return due.sort((left, right) => left - right);
}

type Step =
  | { readonly kind: 'packet'; readonly slot: number; readonly idleMs: number; readonly laterMs: number }
  | { readonly kind: 'unlink'; readonly slot: number }
  | { readonly kind: 'oldest' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('packet' as const),
      slot: fc.nat({ max: slots - 1 }),
      idleMs: fc.oneof(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 3_000_000 })),
      laterMs: fc.oneof(fc.integer({ min: 0, max: 2000 }), fc.integer({ min: 0, max: 4_000_000 })),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('unlink' as const), slot: fc.nat({ max: slots - 1 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('oldest' as const) }) },
);

describe('timer wheel', () => {
  test('gives out what a list of deadlines would, at the end of each tick', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const { table, set, isIn } = makeWheel();
        const wheel = table.native;
        const deadlines = new Map<number, number>();
        let clockUs = startUs;
        wheel.startWheel(clockUs);
        for (const now of steps) {
          if (now.kind === 'unlink') {
            wheel.unlink(now.slot);
            deadlines.delete(now.slot);
          } else if (now.kind === 'oldest') {
            const first = wheel.oldest();
            const earliest = Math.min(...deadlines.values());
            if (deadlines.size === 0) assert.equal(first, -1);
            // A deadline beyond the wheel's reach stands in its last bucket.
            else if (earliest < table.pastUs + 4000 * tickUs) assert.ok((deadlines.get(first) as number) < earliest + tickUs);
            else assert.ok(deadlines.has(first));
          } else {
            clockUs += now.laterMs * 1000;
            if (clockUs >= table.nextUs) {
              wheel.advanceWheel(clockUs);
              const due = takeAll(table);
              for (const slot of due) {
                assert.ok((deadlines.get(slot) as number) < clockUs);
                deadlines.delete(slot);
              }
              for (const deadline of deadlines.values()) assert.ok(deadline >= table.pastUs);
              assert.ok(table.pastUs <= clockUs && clockUs < table.nextUs);
            }
            // What was heard of again is moved on by the wheel itself; only a shorter idle time is told to it.
            const before = deadlines.get(now.slot);
            const deadline = clockUs + now.idleMs * 1000;
            set(now.slot, clockUs, now.idleMs);
            if (before === undefined || deadline < before) {
              wheel.unlink(now.slot);
              wheel.link(now.slot);
            }
            deadlines.set(now.slot, deadline);
          }
          for (let slot = 0; slot < slots; slot += 1) assert.equal(isIn(slot), deadlines.has(slot));
        }
        wheel.advanceWheel(clockUs + 4_000_000_000_000);
        assert.deepEqual(
          takeAll(table),
          [...deadlines.keys()].sort((left, right) => left - right),
        );
      }),
      { numRuns: 300, seed: 7 },
    );
  });
});
