import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DONE, Verdict } from '../../../src/decoders/contract.ts';
import { telnetDecoder } from '../../../src/decoders/telnet/index.ts';
import { assertSurvives, c2s, play } from '../decoder-kit.ts';

test('negotiations in a row are certain, one and text are for the port to decide', () => {
  const probe = (...bytes: number[]): number => telnetDecoder.probe(0, Buffer.from([0, ...bytes]), 1, 1 + bytes.length);
  const cases: [number[], number][] = [
    [[0xff, 0xfd, 3, 0xff, 0xfb, 0x1f], Verdict.certain],
    [[0xff, 0xfd, 3], Verdict.maybe],
    [[0xff, 0xfd, 3, 0x41], Verdict.maybe],
    [[0xff], Verdict.needMore],
    [[0xff, 0xfd, 3, 0xff], Verdict.needMore],
    [[0xff, 0xd8, 0xff], Verdict.no],
    [[0x0d, 0x0a], Verdict.faint],
    [[0x16, 3, 1], Verdict.no],
  ];
  for (const [bytes, verdict] of cases) assert.equal(probe(...bytes), verdict, bytes.join());
});

test('the name is all', () => {
  assert.equal(play(telnetDecoder, [c2s('login')]).finalVerdict, DONE);
  assertSurvives(telnetDecoder, [c2s('login')], {}, 20);
});
