import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { positionGaps } from '../../src/record/index.ts';
import { type IndexRotation, indexRotations, indexSuffix } from '../../src/record/index-suffix.ts';

test('an index ends with the time that it holds, in UTC', () => {
  const times = [
    Date.UTC(2026, 10, 20, 23, 59, 59, 999),
    Date.UTC(2005, 0, 1),
    Date.UTC(2024, 11, 31, 11),
    Date.UTC(1999, 0, 8, 5),
  ];
  const expected: Readonly<Record<IndexRotation, readonly string[]>> = {
    hourly: ['261120h23', '050101h00', '241231h11', '990108h05'],
    hourly2: ['261120h22', '050101h00', '241231h10', '990108h04'],
    hourly3: ['261120h21', '050101h00', '241231h09', '990108h03'],
    hourly4: ['261120h20', '050101h00', '241231h08', '990108h04'],
    hourly6: ['261120h18', '050101h00', '241231h06', '990108h00'],
    hourly8: ['261120h16', '050101h00', '241231h08', '990108h00'],
    hourly12: ['261120h12', '050101h00', '241231h00', '990108h00'],
    daily: ['261120', '050101', '241231', '990108'],
    // Days since the first of January by sevens.
    weekly: ['26w46', '05w00', '24w52', '99w01'],
    monthly: ['26m11', '05m01', '24m12', '99m01'],
  };
  for (const rotation of indexRotations)
    assert.deepEqual(
      times.map((time) => indexSuffix(rotation, time)),
      expected[rotation],
      rotation,
    );
});

test('differences of positions begin anew with each file, a repeated one is 0, and all can be read back', () => {
  assert.deepEqual(positionGaps([-7, 24, 114, 204, 400]), [-7, 24, 90, 0, 196]);
  assert.deepEqual(positionGaps([24, 48, 72, -2, 24, 48]), [24, 0, 0, -2, 24, 0]);
  assert.deepEqual(positionGaps([]), []);
  const step = fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 40, max: 44 }) }, { weight: 1, arbitrary: fc.constant(0) });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      let position = 0;
      let file = 0;
      const plain = steps.map((each) => {
        if (each > 0) position += each;
        else {
          position = 0;
          file += 1;
        }
        return each > 0 ? position : -file;
      });
      let last = 0;
      let gap = 0;
      const read = positionGaps(plain).map((value) => {
        if (value < 0) {
          last = 0;
          gap = 0;
          return value;
        }
        if (value > 0) gap = value;
        last += gap;
        return last;
      });
      assert.deepEqual(read, plain);
    }),
    { seed: 9 },
  );
});
