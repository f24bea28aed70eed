import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Verdict } from '../../src/decoders/index.ts';
import { type CopiedFacts, engineKit, scripted } from './engine-kit.ts';

const streamLength = 300;
const stream = Buffer.from(Array.from({ length: streamLength }, (_, index) => 33 + ((index * 7) % 90))).toString('latin1');

interface Piece {
  readonly from: number;
  readonly to: number;
}

/** Cuts of the whole stream, more pieces of it on top, all in any order. */
const pieces: fc.Arbitrary<readonly Piece[]> = fc
  .tuple(
    fc.uniqueArray(fc.integer({ min: 1, max: streamLength - 1 }), { maxLength: 12 }),
    fc.array(fc.tuple(fc.integer({ min: 0, max: streamLength }), fc.integer({ min: 0, max: streamLength })), { maxLength: 8 }),
  )
  .chain(([cuts, extra]) => {
    const edges = [0, ...cuts.sort((left, right) => left - right), streamLength];
    const whole = edges.slice(1).map((to, index) => ({ from: edges[index] as number, to }));
    const more = extra.map(([left, right]) => ({ from: Math.min(left, right), to: Math.max(left, right) }));
    return fc.shuffledSubarray([...whole, ...more], { minLength: whole.length + more.length });
  });

/** Plays pieces of a client's stream after its SYN and returns what the decoder heard, joined, and the session. */
function play(isn: number, segments: readonly Piece[], skip: number): { heard: string; gaps: string[]; facts: CopiedFacts } {
  const log: string[] = [];
  let asked = false;
  const decoder = scripted(log, {
    data: () => {
      if (asked) return 0;
      asked = true;
      return skip;
    },
  });
  const kit = engineKit({}, [decoder]);
  kit.engine.packet(kit.feed.tcp({ flags: 'S', seq: isn - 1 }));
  for (const { from, to } of segments)
    kit.engine.packet(kit.feed.tcp({ flags: 'A', seq: isn + from, data: stream.slice(from, to) }));
  kit.engine.packet(kit.feed.tcp({ flags: 'FA', seq: isn + streamLength }));
  kit.engine.finish();
  const heard = log.filter((line) => line.startsWith('data 0 ')).map((line) => line.slice('data 0 '.length));
  return {
    heard: heard.join(''),
    gaps: log.filter((line) => /^(gap|skipped)/.test(line)),
    facts: kit.sessions[0] as CopiedFacts,
  };
}

const isns = fc.oneof(
  fc.integer({ min: 1, max: 0xffff_ffff }),
  fc.integer({ min: 0xffff_fff0 - streamLength, max: 0xffff_ffff }),
);

describe('a stream within the bounds', () => {
  test('gives the same bytes for every segmentation, order and repetition', () => {
    fc.assert(
      fc.property(isns, pieces, (isn, segments) => {
        const { heard, gaps, facts } = play(isn, segments, 0);
        assert.equal(heard, stream);
        assert.deepEqual(gaps, []);
        assert.deepEqual([facts.payload[0], facts.gaps[0]], [streamLength, 0]);
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  test('tells of every hole exactly', () => {
    fc.assert(
      fc.property(
        isns,
        pieces,
        fc.integer({ min: 0, max: streamLength }),
        fc.integer({ min: 0, max: streamLength }),
        (isn, segments, a, b) => {
          const hole = { from: Math.min(a, b), to: Math.max(a, b) };
          const rest = segments
            .flatMap(({ from, to }) => [
              { from, to: Math.min(to, hole.from) },
              { from: Math.max(from, hole.to), to },
            ])
            .filter(({ from, to }) => to > from);
          const { heard, facts } = play(isn, rest, 0);
          assert.equal(heard, stream.slice(0, hole.from) + stream.slice(hole.to));
          assert.deepEqual([facts.payload[0], facts.gaps[0]], [streamLength - (hole.to - hole.from), hole.to - hole.from]);
        },
      ),
      { numRuns: 300, seed: 2 },
    );
  });

  test('skips are exact whatever the order', () => {
    fc.assert(
      fc.property(isns, pieces, fc.integer({ min: 1, max: 150 }), (isn, segments, skip) => {
        const { heard, gaps } = play(isn, [{ from: 0, to: 20 }, ...segments], skip);
        assert.equal(heard, stream.slice(0, 20) + stream.slice(20 + skip));
        assert.deepEqual(gaps, [`skipped 0 ${skip} 0`]);
      }),
      { numRuns: 300, seed: 3 },
    );
  });

  test('recognition that needs more bytes loses none of them', () => {
    const needed = fc.integer({ min: 1, max: 200 });
    fc.assert(
      fc.property(isns, pieces, needed, needed, fc.boolean(), (isn, segments, wanted, other, isReply) => {
        const log: string[] = [];
        const tape = scripted(log, { probe: (_, text) => (text.length < wanted ? Verdict.needMore : Verdict.certain) });
        const rival = scripted(log, { name: 'rival', probe: (_, text) => (text.length < other ? Verdict.needMore : Verdict.no) });
        const kit = engineKit({}, [rival, tape]);
        kit.engine.packet(kit.feed.tcp({ flags: 'S', seq: isn - 1 }));
        const reply = { src: '10.0.0.2', dst: '10.0.0.1', sport: 80, dport: 40_000 };
        kit.engine.packet(kit.feed.tcp({ ...reply, flags: 'SA', seq: 6, ack: isn }));
        if (isReply) kit.engine.packet(kit.feed.tcp({ ...reply, flags: 'A', seq: 7, data: '~' }));
        for (const { from, to } of segments)
          kit.engine.packet(kit.feed.tcp({ flags: 'A', seq: isn + from, data: stream.slice(from, to) }));
        kit.engine.finish();
        const heard = (direction: number): string =>
          log
            .filter((line) => line.startsWith(`data ${direction} `))
            .map((line) => line.slice('data 0 '.length))
            .join('');
        assert.equal(heard(0), stream);
        assert.equal(heard(1), isReply ? '~' : '');
        assert.deepEqual(
          log.filter((line) => !line.startsWith('data')),
          ['end stopped'],
        );
      }),
      { numRuns: 300, seed: 20 },
    );
  });
});
