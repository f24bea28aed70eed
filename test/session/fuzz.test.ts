import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type DecoderContext, DONE, decoderDefinitions, HANDOVER, Recognizer, Verdict } from '../../src/decoders/index.ts';
import type { SessionField } from '../../src/record/index.ts';
import { defaultSessionConfig, SessionEngine, sessionCounters } from '../../src/session/index.ts';
import { engineKit, scripted } from './engine-kit.ts';
import { type PacketWords, RingFeeder } from './ring-feeder.ts';

/** Any packets of a few flows: sequence numbers near each other or anywhere, flags as they fall. */
const packet: fc.Arbitrary<PacketWords> = fc
  .record({
    isReply: fc.boolean(),
    port: fc.nat({ max: 2 }),
    protocol: fc.constantFrom(6, 6, 6, 6, 17, 1, 132),
    flags: fc.oneof(fc.constantFrom('A', 'PA', 'FA', 'S', 'SA', 'R', 'RA'), fc.constantFrom('SF', 'SR', 'SFA', '', 'FPU', 'SRA')),
    seq: fc.oneof({ weight: 9, arbitrary: fc.nat({ max: 60 }) }, { weight: 1, arbitrary: fc.nat({ max: 0xffff_ffff }) }),
    ack: fc.oneof(fc.nat({ max: 60 }), fc.nat({ max: 0xffff_ffff })),
    data: fc.oneof(fc.constant(''), fc.string({ maxLength: 30 })),
    cut: fc.nat({ max: 4 }),
    laterMs: fc.oneof(fc.nat({ max: 20 }), fc.nat({ max: 30_000 })),
    fragment: fc.oneof({ weight: 20, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  })
  .map(({ isReply, port, cut, laterMs, data, ...words }) => ({
    ...words,
    ...(isReply
      ? { src: '10.0.0.2', dst: '10.0.0.1', sport: 80, dport: port }
      : { src: '10.0.0.1', dst: '10.0.0.2', sport: port, dport: 80 }),
    data: Buffer.from(data, 'utf8'),
    wirePayload: Buffer.byteLength(data) + (cut > 2 ? cut : 0),
    ms: laterMs,
  }));

const words: SessionField = { name: 'tape.words', type: 'keyword', many: true, meaning: 'w' };
const verdicts = [Verdict.no, Verdict.maybe, Verdict.certain, Verdict.needMore] as const;

describe('any packets at all', () => {
  test('are counted to the packet, and nothing is left behind', () => {
    const answers = fc.array(fc.constantFrom(0, 0, 0, 3, 50, DONE, HANDOVER), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(
        fc.array(packet, { maxLength: 60 }),
        answers,
        fc.boolean(),
        fc.integer({ min: 1, max: 5 }),
        (packets, data, gap, most) => {
          let asked = 0;
          const next = (): number => data[asked++ % data.length] as number;
          const script = {
            transports: ['tcp', 'udp', 'sctp'] as const,
            probe: (_: number, text: string): Verdict => verdicts[text.length % 4] as Verdict,
            data: (direction: number, text: string, context: DecoderContext, from: number): number => {
              context.note(words, text);
              context.handoverAt = from + (text.length >> 1);
              if (text.length % 3 === 0) {
                const bytes = Buffer.alloc(text.length * 9, 'held');
                const other = direction === 0 ? 1 : 0;
                context.handoverHeld = { direction: other, bytes, length: bytes.length, timeUs: 0, missing: text.length & 1 };
              }
              return next();
            },
            gap: () => gap,
          };
          const log: string[] = [];
          const kit = engineKit(
            {
              max_sessions: 16,
              tcp_queue_segments: most,
              tcp_queue_bytes: 1500,
              save_packets: 7,
              idle_tcp_secs: 60,
              tcp_hole_wait_ms: 1000,
            },
            [scripted(log, script), scripted(log, { ...script, name: 'other' })],
          );
          let ms = 0;
          for (const words of packets) {
            ms += words.ms as number;
            kit.engine.packet(kit.feed.packet({ ...words, ms }));
          }
          kit.engine.finish();
          const counted = kit.sessions.reduce((sum, { packets: [a, b] }) => sum + a + b, 0);
          assert.equal(counted, packets.length);
          for (const held of ['tcp_queued_bytes', 'probing_bytes', 'note_bytes'] as const) assert.equal(kit.count(held), 0, held);
          for (const held of ['active_sessions', 'active_tcp_sessions', 'active_udp_sessions', 'closing_sessions'] as const)
            assert.equal(kit.count(held), 0, held);
          for (const { payload, gaps } of kit.sessions)
            assert.ok(payload.every((bytes) => bytes >= 0) && gaps.every((bytes) => bytes >= 0));
          const begun = kit.count('recognised_sessions');
          assert.equal(log.filter((line) => / ?end /.test(line)).length, begun);
        },
      ),
      { numRuns: 500, seed: 9 },
    );
  });

  test('go through the decoders that ship without a throw', () => {
    const heads = [
      'GET / HTTP/1.1\r\n',
      'HTTP/1.1 200 OK\r\n',
      '\x16\x03\x01\x00\x05\x01',
      '\x00\x20\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00',
    ];
    const decoders = decoderDefinitions.map((definition) => ({ definition, options: defaultOptions(definition.options) }));
    const noisy = fc.tuple(packet, fc.constantFrom(...heads), fc.boolean());
    fc.assert(
      fc.property(fc.array(noisy, { maxLength: 40 }), (packets) => {
        const counters = new Float64Array(sessionCounters.names.length);
        const engine = new SessionEngine({
          config: defaultSessionConfig({ max_sessions: 16 }),
          counters,
          recognizer: new Recognizer(decoders),
          sink: { session: () => {}, record: () => {}, anomaly: () => {} },
        });
        const feed = new RingFeeder();
        for (const [words, head, isHead] of packets) {
          const data = isHead ? Buffer.concat([Buffer.from(head, 'latin1'), words.data as Buffer]) : (words.data as Buffer);
          engine.packet(feed.packet({ ...words, data, wirePayload: data.length }));
        }
        engine.finish();
        assert.equal(engine.size, 0);
        const { tcp_queued_bytes, probing_bytes, note_bytes } = sessionCounters.index;
        assert.deepEqual([counters[tcp_queued_bytes], counters[probing_bytes], counters[note_bytes]], [0, 0, 0]);
      }),
      { numRuns: 300, seed: 10 },
    );
  });
});

function defaultOptions(schema: { readonly properties: object }): Record<string, unknown> {
  const properties = Object.entries(schema.properties as Record<string, { readonly default?: unknown }>);
  return Object.fromEntries(properties.map(([name, property]) => [name, property.default]));
}
