// First data of TCP connections that come early, late or not at all, for decoders that may want them: taken in walks, where the addon
// keeps and holds what it can, against one by one, where TypeScript opens a flow for what is not in order.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type DecoderDefinition, Verdict } from '../../src/decoders/index.ts';
import type { SessionConfig } from '../../src/session/index.ts';
import { engineKit, type Kit, scripted } from './engine-kit.ts';
import type { PacketWords } from './ring-feeder.ts';
import { takeInWalks } from './ring-walks.ts';

const counted = [
  'tcp_retransmitted_packets',
  'tcp_out_of_order_packets',
  'tcp_queued_segments',
  'stream_gap_bytes',
  'holes_given_up_acked',
  'holes_given_up_time',
  'holes_given_up_end',
  'recognised_sessions',
  'probing_bytes',
] as const;

/** Takes streams that begin with `d` and two more; of those with `w` it wants four bytes, and takes them when they end with `!`. */
function choosy(log: string[]): DecoderDefinition {
  return {
    ...scripted(log, {
      firstBytes: [...Buffer.from('dw')],
      probe: (_direction, text) => {
        if (text.startsWith('d')) return text.length < 3 ? Verdict.needMore : Verdict.certain;
        if (!text.startsWith('w')) return Verdict.no;
        if (text.length < 4) return Verdict.needMore;
        return text[3] === '!' ? Verdict.certain : Verdict.no;
      },
    }),
    waitsBelow: 3,
  };
}

function heardOf({ sessions, anomalies, count }: Kit, log: readonly string[]): unknown {
  const inOrder = (values: readonly unknown[]): string[] => values.map((value) => JSON.stringify(value)).sort();
  return { log: inOrder(log), sessions: inOrder(sessions), anomalies: inOrder(anomalies), counted: counted.map(count) };
}

interface Piece {
  readonly direction: 0 | 1;
  /** Bytes; 0: an acknowledgement alone. */
  readonly length: number;
  /** Packets of the flow that overtake it; -1: it is lost. */
  readonly late: number;
  readonly ms: number;
  readonly again: boolean;
}

const piece: fc.Arbitrary<Piece> = fc.record({
  direction: fc.constantFrom<0 | 1>(0, 1),
  length: fc.oneof({ weight: 3, arbitrary: fc.nat({ max: 4 }) }, { weight: 1, arbitrary: fc.integer({ min: 30, max: 300 }) }),
  late: fc.oneof(
    { weight: 4, arbitrary: fc.constant(0) },
    { weight: 3, arbitrary: fc.integer({ min: 1, max: 3 }) },
    {
      weight: 1,
      arbitrary: fc.constant(-1),
    },
  ),
  ms: fc.oneof({ weight: 12, arbitrary: fc.nat({ max: 6 }) }, { weight: 1, arbitrary: fc.nat({ max: 8000 }) }),
  again: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
});

interface Conversation {
  readonly starts: readonly [string, string];
  readonly pieces: readonly Piece[];
  readonly ends: 'fin' | 'reset' | 'open';
}

const conversation: fc.Arbitrary<Conversation> = fc.record({
  starts: fc.tuple(fc.constantFrom('d', 'w', 'w12!', 'other'), fc.constantFrom('d12', 'w', 'x')),
  pieces: fc.array(piece, { maxLength: 12 }),
  ends: fc.constantFrom('fin', 'reset', 'open'),
});

/** The packets of a conversation, spoilt as its pieces say, with their times. */
function packetsOf({ starts, pieces, ends }: Conversation, flow: number): PacketWords[] {
  const streams = starts.map((start) => start.padEnd(4000, 'abcdefg'));
  const sent = [0, 0];
  const base = [1000 + flow, 0xffff_fffc + flow];
  const whole: { words: PacketWords; late: number; again: boolean }[] = [];
  let ms = 0;
  const add = (direction: 0 | 1, words: PacketWords, { late = 0, again = false } = {}): void => {
    const ends = direction === 0 ? { src: '10.0.0.1', dst: '10.0.0.2' } : { src: '10.0.0.2', dst: '10.0.0.1' };
    const [sport, dport] = direction === 0 ? [4000 + flow, 80] : [80, 4000 + flow];
    const seq = ((base[direction] as number) + (sent[direction] as number)) >>> 0;
    const ack = ((base[1 - direction] as number) + (sent[1 - direction] as number)) >>> 0;
    whole.push({ words: { ...ends, sport, dport, ms, seq, ack, ...words }, late, again });
  };
  add(0, { flags: 'S', seq: (base[0] as number) - 1 });
  add(1, { flags: 'SA', seq: ((base[1] as number) - 1) >>> 0 });
  add(0, { flags: 'A' });
  for (const { direction, length, late, ms: later, again } of pieces) {
    ms += later;
    const at = sent[direction] as number;
    const data = streams[direction]?.slice(at, at + length) ?? '';
    add(direction, length === 0 ? { flags: 'A' } : { flags: 'PA', data }, { late, again });
    sent[direction] = at + length;
  }
  if (ends === 'reset') add(0, { flags: 'R' });
  if (ends === 'fin') {
    for (const direction of [0, 1] as const) {
      add(direction, { flags: 'FA' });
      sent[direction] = (sent[direction] as number) + 1;
    }
    add(0, { flags: 'A' });
  }
  // Each comes at the time of the packet that it comes behind.
  const order = whole.flatMap(({ words, late, again }, index) => {
    if (late < 0) return [];
    const behind = Math.min(index + late, whole.length - 1);
    const ms = whole[behind]?.words.ms ?? 0;
    const one = { place: behind + (late > 0 ? 0.5 : 0), words: { ...words, ms } };
    return again ? [one, { ...one, place: one.place + 0.25 }] : [one];
  });
  return order.sort((left, right) => left.place - right.place).map(({ words }) => words);
}

const configs: readonly Partial<SessionConfig>[] = [
  {},
  { tcp_hole_wait_ms: 3, tcp_acked_hole_wait_ms: 0 },
  { tcp_acked_hole_wait_ms: 5000, tcp_midstream: false },
  { save_packets: 7, tcp_queue_segments: 2 },
];

/** What is heard of packets that are taken in walks of so many, or one by one. */
function heard(packets: readonly PacketWords[], config: Partial<SessionConfig>, walk?: number): readonly [Kit, string[]] {
  const log: string[] = [];
  const kit = engineKit(config, [choosy(log)]);
  if (walk !== undefined) takeInWalks(kit, packets, walk);
  else {
    for (const words of packets) kit.engine.packet(kit.feed.packet(words));
    kit.engine.finish();
  }
  return [kit, log];
}

describe('first data out of order', () => {
  for (const walk of [undefined, 1, 50]) {
    const way = walk === undefined ? 'one by one' : `in walks of ${walk}`;
    const client = (words: PacketWords): PacketWords => ({ flags: 'PA', ack: 500, ...words });
    const server = (words: PacketWords): PacketWords => ({
      ...{ src: '10.0.0.2', dst: '10.0.0.1', sport: 80, dport: 40_000, flags: 'PA', ack: 103 },
      ...words,
    });
    const handshake = [client({ flags: 'S', seq: 99 }), server({ flags: 'SA', seq: 499, ack: 100 })];

    test(`reach their decoder when acknowledgements or the FIN have overtaken them, ${way}`, () => {
      for (const flags of ['A', 'FA']) {
        const overtaking = client({ flags, seq: 103 });
        const [kit, log] = heard([...handshake, overtaking, client({ seq: 100, data: 'd12' })], {}, walk);
        assert.deepEqual(log.slice(0, 1), ['data 0 d12']);
        assert.deepEqual(kit.sessions[0]?.protocols, ['tape']);
        assert.deepEqual(log.includes('finished 0'), flags === 'FA');
      }
    });

    test(`of nobody's are told to the decoder of the other side as bytes that went by, ${way}`, () => {
      const packets = [
        ...handshake,
        client({ seq: 103, data: 'er', ms: 1 }),
        client({ seq: 100, data: 'oth', ms: 2 }),
        client({ seq: 107, data: '!', ms: 3 }),
        server({ seq: 500, data: 'd12', ms: 4 }),
        client({ seq: 105, data: '??', ms: 5 }),
        client({ seq: 108, data: 'more', ms: 6 }),
      ];
      const [kit, log] = heard(packets, {}, walk);
      // What came behind a hole then went by as well.
      assert.deepEqual(log.slice(0, 5), ['data 1 d12', 'gap 0 5', 'data 0 ??', 'gap 0 1', 'data 0 more']);
      assert.deepEqual(kit.sessions[0]?.gaps, [0, 0]);
    });
  }

  test('come to the same in walks as one by one', () => {
    let waited = 0;
    fc.assert(
      fc.property(
        fc.array(conversation, { minLength: 1, maxLength: 6 }),
        fc.constantFrom(...configs),
        fc.integer({ min: 1, max: 60 }),
        (conversations, config, size) => {
          const packets = conversations.flatMap(packetsOf).sort((left, right) => (left.ms ?? 0) - (right.ms ?? 0));
          const [walked, oneByOne] = [size, undefined].map((walk) => {
            const [kit, log] = heard(packets, config, walk);
            waited += kit.count('tcp_queued_segments');
            return heardOf(kit, log);
          });
          assert.deepEqual(walked, oneByOne);
        },
      ),
      { numRuns: 400, seed: 7 },
    );
    assert.ok(waited > 1000);
  });
});
