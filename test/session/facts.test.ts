// What the addon writes of sessions is what TypeScript reads of them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { EcsEncoder, flowFields, RecordRegistry, type RecordType, type SessionFacts } from '../../src/record/index.ts';
import { TunnelType } from '../../src/ring/index.ts';
import { RecordScribe } from '../../src/scribe/index.ts';
import { factOf } from '../record/fact-reference.ts';
import { engineKit, scripted } from './engine-kit.ts';
import type { PacketWords } from './ring-feeder.ts';

const { session: sessionType } = new RecordRegistry([]);
const encoder = new EcsEncoder(new RecordScribe());
const target = Buffer.alloc(1 << 16);

function recordOf(facts: SessionFacts): Record<string, unknown> {
  const end = encoder.encode(sessionType, facts, facts, facts.startUs, target, 0, target.length);
  assert.ok(end > 0);
  return JSON.parse(target.toString('latin1', 0, end));
}

function at(document: unknown, path: string): unknown {
  return path.split('.').reduce((inner, name) => (inner as Record<string, unknown> | undefined)?.[name], document);
}

/** The record of each session is compared when it is told; returns how many were. */
function play(packets: readonly PacketWords[], config: Parameters<typeof engineKit>[0] = {}): number {
  let seen = 0;
  const tape = scripted([], { name: 'tape', transports: ['tcp', 'udp'] });
  const kit = engineKit(config, [tape], {
    watch(facts) {
      seen += 1;
      const record = recordOf(facts);
      for (const field of [...flowFields, ...(sessionType.facts ?? [])]) {
        if (!('fact' in field)) continue;
        assert.deepEqual(at(record, field.name), factOf(facts, field.fact, (field.which ?? 0) as 0 | 1), field.name);
      }
      assert.equal(at(record, 'session.tunnels') === undefined, facts.tunnels.length === 0);
    },
  });
  for (const words of packets) kit.engine.packet(kit.feed.packet(words));
  kit.engine.finish();
  return seen;
}

test('sessions of all kinds', () => {
  const v6 = { src: '2001:db8::1', dst: '2001:db8:0:1:1:1:1:1' };
  const packets: PacketWords[] = [
    { flags: 'S', seq: 99, ttl: 63 },
    { src: '10.0.0.2', dst: '10.0.0.1', sport: 80, dport: 40_000, flags: 'SA', seq: 499, ack: 100, ms: 3, ttl: 255 },
    { flags: 'A', seq: 100, ack: 500, ms: 5 },
    { flags: 'PA', seq: 110, ack: 500, data: 'late', ms: 7 },
    { src: '10.0.0.2', dst: '10.0.0.1', sport: 80, dport: 40_000, flags: 'R', seq: 500, ms: 9 },
    { protocol: 17, sport: 1000, data: 'datagram', vlans: [7, 9, 4095] },
    { protocol: 17, sport: 1001, tunnels: [{ type: TunnelType.vxlan, src: '192.0.2.1', dst: '192.0.2.2', id: 5, dport: 4789 }] },
    { ...v6, protocol: 132, sport: 9, dport: 10 },
    { ...v6, flags: 'FA', seq: 1, sport: 5 },
    { protocol: 1, sport: 8, dport: 0, icmp: [8, 0] },
    { protocol: 1, sport: 3, dport: 1, icmp: [3, 1] },
    { protocol: 200, sport: 0, dport: 0 },
    { version: 0, etherType: 0x0806, sport: 0x0806, dport: 0x0806, protocol: 0 },
    { version: 0, etherType: 0x9999, sport: 0x9999, dport: 0x9999, protocol: 0 },
    { src: '::ffff:192.0.2.1', dst: '::', protocol: 58, sport: 128, dport: 129 },
  ];
  assert.equal(play(packets), 11);
});

test('any conversation', () => {
  const words: fc.Arbitrary<PacketWords> = fc.record({
    sport: fc.integer({ min: 1, max: 3 }),
    protocol: fc.constantFrom(6, 6, 17),
    flags: fc.constantFrom('S', 'SA', 'A', 'PA', 'FA', 'R'),
    seq: fc.nat({ max: 40 }),
    ack: fc.nat({ max: 40 }),
    data: fc.constantFrom('', 'x', 'twenty bytes of data'),
    ms: fc.nat({ max: 400_000 }),
    ttl: fc.constantFrom(0, 1, 255),
  });
  fc.assert(
    fc.property(fc.array(words, { maxLength: 30 }), fc.boolean(), (packets, inParts) => {
      const inOrder = packets.toSorted((a, b) => (a.ms ?? 0) - (b.ms ?? 0));
      play(inOrder, inParts ? { save_packets: 3 } : {});
    }),
    { numRuns: 300 },
  );
});

test('what does not fit makes the writer overflow, and nothing is written behind its limit', () => {
  const type: RecordType<never> = sessionType as RecordType<never>;
  const kit = engineKit({}, [], {
    watch(facts) {
      const whole = encoder.encode(type, facts as never, facts, 0, target, 0, target.length);
      for (let limit = 0; limit < whole; limit += 7) {
        const tight = Buffer.alloc(whole + 100, 0xee);
        assert.equal(encoder.encode(type, facts as never, facts, 0, tight, 0, limit), -1);
        assert.ok(tight.subarray(limit).every((byte) => byte === 0xee));
      }
    },
  });
  kit.engine.packet(kit.feed.tcp({ flags: 'S' }));
  kit.engine.finish();
  assert.equal(kit.sessions.length, 1);
});

test('ids are those of start, flow and packet; community ids those of other tools', () => {
  const kit = engineKit();
  kit.engine.packet(kit.feed.udp({ src: '192.168.1.52', dst: '8.8.8.8', sport: 54_585, dport: 53, hash: 0x1bcdef12, number: 7 }));
  kit.engine.finish();
  assert.equal(kit.sessions[0]?.id, '640b5eece00001bcdef1200000007');
  assert.equal(kit.sessions[0]?.communityId, '1:d/FP5EW3wiY1vCndhwleRRKHowQ=');
});

test('what TypeScript says of few sessions stands where it belongs, in one plan or in several', () => {
  const type: RecordType<SessionFacts> = {
    name: 'session',
    meaning: '',
    facts: [
      { name: 'late.first', type: 'keyword', meaning: '', value: () => ['b', 'é"'] },
      { name: 'early.first', type: 'keyword', meaning: '', value: (s) => `a${s.tunnels.length}` },
      { name: 'late.reason', type: 'keyword', meaning: '', fact: 'reason' },
    ],
    fields: [{ name: 'late.third', type: 'keyword', meaning: '', value: () => 'c' }],
  };
  const whole: RecordType<SessionFacts> = { ...type, fields: [] };
  const facts = type.facts?.map((field) => (field.name === 'early.first' ? { ...field, value: () => undefined } : field));
  const without: RecordType<SessionFacts> = { ...whole, facts: facts ?? [] };
  const tunnels = [{ type: TunnelType.vxlan, src: '192.0.2.1', dst: '192.0.2.2', id: 5, dport: 4789 }];
  const kit = engineKit({}, [], {
    watch(told) {
      const read = (of: RecordType<SessionFacts>): { readonly late?: unknown; readonly early?: unknown } => {
        const end = new EcsEncoder(new RecordScribe()).encode(of, told, told, 0, target, 0, target.length);
        return JSON.parse(target.toString('utf8', 0, end));
      };
      const { late, early } = read(type);
      assert.deepEqual([late, early], [{ first: ['b', 'é"'], reason: 'stopped', third: 'c' }, { first: 'a1' }]);
      assert.deepEqual(read(whole).early, { first: 'a1' });
      assert.deepEqual(read(without).early, undefined);
      assert.deepEqual(read(without).late, late && { first: ['b', 'é"'], reason: 'stopped' });
    },
  });
  kit.engine.packet(kit.feed.udp({ tunnels }));
  kit.engine.finish();
  assert.equal(kit.sessions.length, 1);
});

test('more memories than are known at a time', () => {
  const kit = engineKit({}, [], {
    watch(facts) {
      const expected = JSON.stringify(recordOf(facts));
      const memories = Array.from({ length: 50 }, () => Buffer.alloc(4096));
      for (const memory of [...memories, ...memories]) {
        const end = encoder.encode(sessionType, facts, facts, facts.startUs, memory, 8, memory.length);
        assert.equal(JSON.stringify(JSON.parse(memory.toString('latin1', 8, end))), expected);
      }
    },
  });
  kit.engine.packet(kit.feed.tcp({ flags: 'S' }));
  kit.engine.finish();
  assert.equal(kit.sessions.length, 1);
});
