// First payload that the addon screens in walks, against an engine that is asked about every packet: sessions, what decoders say
// and what is counted have to be the same.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { decoderDefinitions, NameMatcher, signatures } from '../../src/decoders/index.ts';
import type { SessionField } from '../../src/record/index.ts';
import { type SessionConfig, sessionCounters } from '../../src/session/index.ts';
import { defaultOptions } from '../decoders/decoder-kit.ts';
import { payloads, portPairs } from '../decoders/payloads.ts';
import { engineKit, interested, type Kit } from './engine-kit.ts';
import type { PacketWords } from './ring-feeder.ts';
import { takeInWalks } from './ring-walks.ts';

interface Message {
  readonly direction: 0 | 1;
  readonly payload: Buffer;
  /** Where it is cut into two segments, if there. */
  readonly cut: number;
  readonly oddity: 'none' | 'swapped' | 'again' | 'fin' | 'snapped' | 'lost';
}

interface Conversation {
  readonly protocol: 6 | 17 | 132;
  readonly ports: readonly [number, number];
  readonly handshake: boolean;
  readonly messages: readonly Message[];
}

const oddities = ['swapped', 'again', 'fin', 'snapped', 'lost'] as const;
const direction = fc.constantFrom<0 | 1>(0, 1);
const conversation: fc.Arbitrary<Conversation> = fc.record({
  protocol: fc.constantFrom<6 | 17 | 132>(6, 6, 6, 17, 17, 132),
  ports: portPairs,
  handshake: fc.boolean(),
  messages: fc.array(
    fc.record({
      direction,
      payload: payloads,
      cut: fc.oneof(fc.constant(0), fc.nat({ max: 20 })),
      oddity: fc.oneof(
        { weight: 6, arbitrary: fc.constant('none' as const) },
        { weight: 1, arbitrary: fc.constantFrom(...oddities) },
      ),
    }),
    { minLength: 1, maxLength: 7 },
  ),
});

function packetsOf({ protocol, ports, handshake, messages }: Conversation, index: number): PacketWords[] {
  const packets: PacketWords[] = [];
  const hosts = [`10.0.1.${index}`, '10.0.2.1'] as const;
  const next: [number, number] = [100, 500];
  const add = (from: 0 | 1, words: PacketWords): number =>
    packets.push({
      protocol,
      src: hosts[from],
      dst: hosts[1 - from] as string,
      sport: ports[from] as number,
      dport: ports[1 - from] as number,
      ...words,
    });
  if (protocol !== 6) {
    for (const { direction: from, payload, oddity } of messages) {
      const data = oddity === 'lost' ? Buffer.alloc(0) : payload;
      add(from, { data });
      if (oddity === 'again') add(from, { data });
    }
    return packets;
  }
  if (handshake) {
    add(0, { flags: 'S', seq: 99 });
    add(1, { flags: 'SA', seq: 499, ack: 100 });
    add(0, { flags: 'A', seq: 100, ack: 500 });
  }
  for (const { direction: from, payload, cut, oddity } of messages) {
    const pieces = cut > 0 && cut < payload.length ? [payload.subarray(0, cut), payload.subarray(cut)] : [payload];
    const segments = pieces.map((data) => {
      const seq = next[from];
      next[from] += data.length;
      const captured = oddity === 'snapped' ? data.subarray(0, data.length >> 1) : data;
      return { flags: 'PA', seq, ack: next[1 - from] as number, data: captured, wirePayload: data.length };
    });
    if (oddity === 'swapped') segments.reverse();
    if (oddity === 'lost') segments.shift();
    for (const segment of segments) add(from, segment);
    if (oddity === 'again') add(from, segments[0] as PacketWords);
    if (oddity !== 'fin') continue;
    add(from, { flags: 'FA', seq: next[from], ack: next[1 - from] as number });
    next[from] += 1;
  }
  return packets;
}

/** Packets of all, `turns` saying whose is next. */
function woven(conversations: readonly Conversation[], turns: readonly number[]): PacketWords[] {
  const queues = conversations.map(packetsOf);
  const packets: PacketWords[] = [];
  for (let turn = 0; queues.some((queue) => queue.length > 0); turn += 1) {
    const left = queues.filter((queue) => queue.length > 0);
    const next = left[(turns[turn % turns.length] as number) % left.length]?.shift() as PacketWords;
    packets.push({ ...next, ms: packets.length });
  }
  return packets;
}

const decoderSets = [['dns'], ['http', 'dns', 'tls'], [], decoderDefinitions.map(({ name }) => name)] as const;
const configs: readonly Partial<SessionConfig>[] = [{}, { save_packets: 3 }, { probe_datagrams: 1, tcp_midstream: false }];

function kitOf(names: readonly string[], config: Partial<SessionConfig>, isWalked: boolean): Kit {
  const decoders = decoderDefinitions.filter(({ name }) => names.includes(name));
  const rules = { current: () => interested, drops: undefined };
  return engineKit(config, decoders, {
    fields: [...new Set(decoders.flatMap(({ sessionFields }): readonly SessionField[] => sessionFields))],
    optionsOf: defaultOptions,
    engine: { names: new NameMatcher(signatures), ...(isWalked ? {} : { rules }) },
  });
}

/** Everything that was told, in no order, and what was counted. */
function heardOf(kit: Kit): unknown {
  const inOrder = (values: readonly unknown[]): unknown[] => values.map((value) => JSON.stringify(value)).sort();
  return {
    sessions: inOrder(kit.sessions),
    // Records are used again: of each only whose it is.
    records: inOrder(kit.records.map(({ type, id, index }) => ({ type, id, index }))),
    anomalies: inOrder(kit.anomalies),
    times: inOrder(kit.times),
    counted: sessionCounters.names.map((name) => `${name} ${kit.count(name)}`),
  };
}

describe('payload that is screened in walks', () => {
  test('leaves everything as it would be', () => {
    fc.assert(
      fc.property(
        fc.array(conversation, { minLength: 1, maxLength: 8 }),
        fc.array(fc.nat({ max: 20 }), { minLength: 1, maxLength: 20 }),
        fc.constantFrom(...decoderSets),
        fc.constantFrom(...configs),
        fc.integer({ min: 1, max: 80 }),
        (conversations, turns, names, config, size) => {
          const packets = woven(conversations, turns);
          const expected = kitOf(names, config, false);
          for (const words of packets) expected.engine.packet(expected.feed.packet({ ...words, marks: 1 }));
          expected.engine.finish();
          const walked = kitOf(names, config, true);
          takeInWalks(walked, packets, size);
          assert.deepEqual(heardOf(walked), heardOf(expected));
        },
      ),
      { numRuns: 600, seed: 21 },
    );
  });
});
