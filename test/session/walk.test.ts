// Packets that the addon follows in the session table, against packets of which it is told to leave every one to TypeScript: what
// is heard and told has to be the same, one by one and in walks over a ring.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type DecoderDefinition, DONE, Verdict } from '../../src/decoders/index.ts';
import { ClockLayout, RecordKind } from '../../src/ring/index.ts';
import type { SessionConfig } from '../../src/session/index.ts';
import { engineKit, interested, type Kit, scripted } from './engine-kit.ts';
import type { PacketWords } from './ring-feeder.ts';
import { ringWith, takeInWalks } from './ring-walks.ts';

interface Heard {
  readonly log: readonly string[];
  readonly sessions: Kit['sessions'];
  readonly anomalies: readonly string[];
  readonly times: Kit['times'];
  readonly packets: number;
  readonly counted: readonly number[];
}

const counted = ['tcp_retransmitted_packets', 'tcp_out_of_order_packets', 'stream_gap_bytes', 'opened_tcp_sessions'] as const;

/** Listens to both sides: skips what the first letter of a segment says, and is done with `X`. */
function tape(log: string[]): DecoderDefinition {
  return scripted(log, {
    transports: ['tcp', 'udp'],
    probe: (_direction, text) => (text.startsWith('U') ? Verdict.no : Verdict.certain),
    data: (_direction, text) => (text.startsWith('X') ? DONE : text.startsWith('S') ? 400 : 0),
  });
}

function heardOf(kit: Kit, log: readonly string[]): Heard {
  const { sessions, anomalies, times } = kit;
  return { log, sessions, anomalies, times, packets: kit.count('packets'), counted: counted.map((name) => kit.count(name)) };
}

function oneByOne(packets: readonly PacketWords[], config: Partial<SessionConfig>, isFollowed: boolean): Heard {
  const log: string[] = [];
  const rules = { current: () => interested, drops: undefined };
  const kit = engineKit(config, [tape(log)], isFollowed ? {} : { engine: { rules } });
  for (const words of packets) kit.engine.packet(kit.feed.packet({ ...words, marks: isFollowed ? 0 : 1 }));
  kit.engine.finish();
  return heardOf(kit, log);
}

/** All packets in a ring, taken as a packet worker does; `size` of them are published at a time. */
function inWalks(packets: readonly PacketWords[], config: Partial<SessionConfig>, size: number): Heard {
  const log: string[] = [];
  const kit = engineKit(config, [tape(log)]);
  takeInWalks(kit, packets, size);
  return heardOf(kit, log);
}

interface Step {
  readonly flow: number;
  readonly direction: 0 | 1;
  readonly kind: 'data' | 'ack' | 'fin' | 'syn' | 'reset' | 'udp';
  readonly length: number;
  readonly letter: string;
  /** Bytes left out before this segment, or sent again. */
  readonly jump: number;
  readonly ms: number;
  readonly cut: boolean;
}

const step: fc.Arbitrary<Step> = fc.record({
  flow: fc.nat({ max: 4 }),
  direction: fc.constantFrom<0 | 1>(0, 1),
  kind: fc.oneof(
    { weight: 12, arbitrary: fc.constant<Step['kind']>('data') },
    { weight: 8, arbitrary: fc.constant<Step['kind']>('ack') },
    { weight: 3, arbitrary: fc.constant<Step['kind']>('udp') },
    { weight: 1, arbitrary: fc.constantFrom<Step['kind']>('fin', 'syn', 'reset') },
  ),
  length: fc.integer({ min: 1, max: 300 }),
  letter: fc.constantFrom('A', 'A', 'A', 'S', 'S', 'U', 'X'),
  jump: fc.oneof({ weight: 8, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: -200, max: 200 }) }),
  ms: fc.oneof({ weight: 20, arbitrary: fc.nat({ max: 5 }) }, { weight: 1, arbitrary: fc.nat({ max: 40_000 }) }),
  cut: fc.boolean(),
});

/** Packets of a few conversations that mostly go on in order, after handshakes of those with even numbers. */
function packetsOf(steps: readonly Step[]): PacketWords[] {
  const packets: PacketWords[] = [];
  const next = Array.from({ length: 5 }, (_, flow) => [1000 + flow * 0x3fff_0000, 5000 + flow] as [number, number]);
  let ms = 0;
  let id = 0;
  const add = (flow: number, direction: 0 | 1, words: PacketWords): void => {
    const ends = direction === 0 ? { src: '10.0.0.1', dst: '10.0.0.2' } : { src: '10.0.0.2', dst: '10.0.0.1' };
    const [sport, dport] = direction === 0 ? [4000 + flow, 80] : [80, 4000 + flow];
    packets.push({ ...ends, sport, dport, ms, ...words });
  };
  for (const flow of [0, 2, 4]) {
    const [client, server] = next[flow] as [number, number];
    add(flow, 0, { flags: 'S', seq: client - 1 });
    add(flow, 1, { flags: 'SA', seq: server - 1, ack: client });
    add(flow, 0, { flags: 'A', seq: client, ack: server });
  }
  for (const { flow, direction, kind, length, letter, jump, ms: later, cut } of steps) {
    ms += later;
    if (kind === 'udp') {
      id += 1;
      add(flow, direction, { protocol: 17, seq: id % 7, data: letter.repeat(length) });
      continue;
    }
    const sides = next[flow] as [number, number];
    const seq = ((sides[direction] as number) + jump) >>> 0;
    const ack = sides[1 - direction] as number;
    if (kind === 'data') {
      const data = letter.repeat(length);
      const isCut = cut && length > 200;
      add(flow, direction, {
        flags: 'PA',
        seq,
        ack,
        data: isCut ? data.slice(0, 100) : data,
        wirePayload: length,
        window: length,
      });
      if (jump >= 0) sides[direction] = (seq + length) >>> 0;
    } else if (kind === 'ack') add(flow, direction, { flags: 'A', seq, ack });
    else if (kind === 'fin') add(flow, direction, { flags: 'FA', seq, ack });
    else add(flow, direction, { flags: kind === 'syn' ? 'S' : 'R', seq });
  }
  return packets;
}

const configs: readonly Partial<SessionConfig>[] = [
  {},
  { save_packets: 20, tcp_midstream: false },
  { identity: 'arkime', save_secs: 20 },
];

describe('packets that are followed', () => {
  test('change what they would have changed one by one, followed or not', () => {
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 20, maxLength: 300 }),
        fc.constantFrom(...configs),
        fc.integer({ min: 1, max: 200 }),
        (steps, config, size) => {
          const packets = packetsOf(steps);
          const expected = oneByOne(packets, config, false);
          assert.deepEqual(oneByOne(packets, config, true), expected);
          const walked = inWalks(packets, config, size);
          // What flows do among each other has no order within a walk.
          assert.deepEqual(sorted(walked), sorted(expected));
        },
      ),
      { numRuns: 250, seed: 12 },
    );
  });

  test('are most of a download: of a skip the decoder sees its end, of acknowledgements none', () => {
    const packets: PacketWords[] = [
      { flags: 'S', seq: 99 },
      { src: '10.0.0.2', dst: '10.0.0.1', sport: 80, dport: 40_000, flags: 'SA', seq: 499, ack: 100 },
      { flags: 'A', seq: 100, ack: 500 },
      { flags: 'PA', seq: 100, ack: 500, data: 'S' },
    ];
    for (let at = 0; at < 400; at += 50) {
      packets.push({ flags: 'A', seq: 101 + at, ack: 500, data: 'b'.repeat(50) });
      packets.push({ src: '10.0.0.2', dst: '10.0.0.1', sport: 80, dport: 40_000, flags: 'A', seq: 500, ack: 151 + at });
    }
    packets.push({ flags: 'PA', seq: 501, ack: 500, data: 'end' });
    const heard = inWalks(packets, {}, 1000);
    assert.deepEqual(heard.log.slice(0, 3), ['data 0 S', 'skipped 0 400 0', 'data 0 end']);
    assert.deepEqual(heard.sessions[0]?.payload, [404, 0]);
    assert.equal(heard.packets, packets.length);
  });

  test('stop before a record of the clock and before the packet that ends a session', () => {
    const { writer, reader, view, put, progress } = ringWith();
    const kit = engineKit({ idle_udp_secs: 30 });
    put({ protocol: 17, ms: 0 });
    put({ protocol: 17, ms: 1 });
    const at = writer.claim(ClockLayout.size);
    writer.data.writeDoubleLE(0, at + ClockLayout.timeUs);
    writer.commit(ClockLayout.size, RecordKind.clock);
    put({ protocol: 17, ms: 2 });
    put({ protocol: 17, ms: 40_000 });
    writer.publish();
    reader.begin();
    const take = (): number => {
      const before = progress.packets;
      reader.passed(kit.engine.take(view, 0, reader.position, reader.end, progress));
      return progress.packets - before;
    };
    // The first packet of a source sets the clock going.
    assert.equal(take(), 0);
    kit.engine.packet(view.at(reader.next()));
    assert.equal(take(), 1);
    assert.equal(take(), 0);
    reader.next();
    assert.equal(reader.kind, RecordKind.clock);
    assert.equal(take(), 1);
    assert.equal(take(), 0);
    assert.equal(kit.sessions.length, 0);
    kit.engine.packet(view.at(reader.next()));
    assert.deepEqual(
      kit.sessions.map(({ packets }) => packets[0]),
      [3],
    );
  });
});

/** The same with everything in an order of its own. */
function sorted(heard: Heard): unknown {
  const inOrder = (values: readonly unknown[]): unknown[] => values.map((value) => JSON.stringify(value)).sort();
  const { log, sessions, anomalies, times } = heard;
  return { ...heard, log: inOrder(log), sessions: inOrder(sessions), anomalies: inOrder(anomalies), times: inOrder(times) };
}
