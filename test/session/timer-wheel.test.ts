import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { noBucket, Slot, slotWords } from '../../src/session/slot-layout.ts';
import { TimerWheel, tickUs } from '../../src/session/timer-wheel.ts';

const slots = 12;
const startUs = 1_760_000_000_000_000;

function makeWheel(): {
  wheel: TimerWheel;
  set(slot: number, clockUs: number, idleMs: number): void;
  isIn(slot: number): boolean;
} {
  const area = new ArrayBuffer(slots * slotWords * 4);
  const words = new Int32Array(area);
  const numbers = new Float64Array(area);
  for (let slot = 0; slot < slots; slot += 1) words[slot * slotWords + Slot.bucket] = noBucket;
  return {
    wheel: new TimerWheel(words, numbers),
    set(slot, clockUs, idleMs) {
      numbers[(slot * slotWords + Slot.clockUs) >> 1] = clockUs;
      words[slot * slotWords + Slot.idleMs] = idleMs;
    },
    isIn: (slot) => words[slot * slotWords + Slot.bucket] !== noBucket,
  };
}

function takeAll(wheel: TimerWheel): number[] {
  const due: number[] = [];
  for (let slot = wheel.takeDue(); slot >= 0; slot = wheel.takeDue()) due.push(slot);
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
        const { wheel, set, isIn } = makeWheel();
        const deadlines = new Map<number, number>();
        let clockUs = startUs;
        wheel.start(clockUs);
        for (const now of steps) {
          if (now.kind === 'unlink') {
            wheel.unlink(now.slot);
            deadlines.delete(now.slot);
          } else if (now.kind === 'oldest') {
            const first = wheel.oldest();
            const earliest = Math.min(...deadlines.values());
            if (deadlines.size === 0) assert.equal(first, -1);
            // A deadline beyond the wheel's reach stands in its last bucket.
            else if (earliest < wheel.pastUs + 4000 * tickUs) assert.ok((deadlines.get(first) as number) < earliest + tickUs);
            else assert.ok(deadlines.has(first));
          } else {
            clockUs += now.laterMs * 1000;
            if (clockUs >= wheel.nextUs) {
              wheel.advance(clockUs);
              const due = takeAll(wheel);
              for (const slot of due) {
                assert.ok((deadlines.get(slot) as number) < clockUs);
                deadlines.delete(slot);
              }
              for (const deadline of deadlines.values()) assert.ok(deadline >= wheel.pastUs);
              assert.ok(wheel.pastUs <= clockUs && clockUs < wheel.nextUs);
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
        wheel.advance(clockUs + 4_000_000_000_000);
        assert.deepEqual(
          takeAll(wheel),
          [...deadlines.keys()].sort((left, right) => left - right),
        );
      }),
      { numRuns: 300, seed: 7 },
    );
  });
});
