// Sessions that the addon ends many at a time and writes into an output's ring, against the same ended one by one: records, their
// heads and all counts have to be the same.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  type Decoder,
  type DecoderContext,
  type DecoderDefinition,
  type Direction,
  DONE,
  Recognizer,
  Verdict,
} from '../../src/decoders/index.ts';
import {
  OutputLink,
  OutputRoom,
  type OverloadPolicy,
  outputLinkCounters,
  RecordRouter,
  RecordSink,
  recordCounters,
} from '../../src/pipeline/index.ts';
import { assetField, EcsEncoder, RecordRegistry, type SessionField, tagsField } from '../../src/record/index.ts';
import { createRing, OutputLayout, ParkingLot, RingReader, RingWriter, TunnelType } from '../../src/ring/index.ts';
import { RecordScribe } from '../../src/scribe/index.ts';
import {
  defaultSessionConfig,
  type SessionConfig,
  SessionEngine,
  type SessionSink,
  sessionCounters,
  tcpAnomalies,
} from '../../src/session/index.ts';
import { scripted } from './engine-kit.ts';
import { type PacketWords, RingFeeder } from './ring-feeder.ts';

const word: SessionField = { name: 'test.word', type: 'keyword', meaning: 'For tests.', many: true };

/**
 * Notes a word or an asset, tags or is done with a session, waits, or takes it for nobody's, as the first letter says; done after much
 * too. Holds nothing between two datagrams.
 */
function decoder(): DecoderDefinition {
  const probe = (_direction: Direction, text: string): Verdict => {
    if (text.startsWith('W')) return Verdict.needMore;
    return text.startsWith('U') ? Verdict.no : Verdict.certain;
  };
  const create = (first: DecoderContext): Decoder => {
    let context = first;
    return {
      isIdle: true,
      recycle: (next) => {
        context = next;
      },
      data: (_direction, bytes, from, to) => {
        const text = bytes.toString('latin1', from, to);
        if (text.startsWith('N')) context.note(word, text);
        if (text.startsWith('T')) context.note(tagsField, text);
        if (text.startsWith('S')) context.note(assetField, text);
        return text.startsWith('D') || text.length > 4 ? DONE : 0;
      },
      skipped: () => {},
      gap: () => true,
      finished: () => {},
      end: () => {},
    };
  };
  return { ...scripted([], { transports: ['tcp', 'udp'], probe }), sessionFields: [word], create };
}

interface Outcome {
  /** Calls that ended all sessions. */
  readonly pieces: number;
  /** Heads and bytes of the records. */
  readonly records: readonly string[];
  readonly counts: Readonly<Record<string, number>>;
}

interface Way {
  readonly config: Partial<SessionConfig>;
  readonly policy: OverloadPolicy;
  readonly ringBytes: number;
  /** All sessions end in pieces, once so much is in the ring. */
  readonly softBytes?: number;
  /** The ring is emptied after so many packets; infinity: at the end. */
  readonly every: number;
}

function played(packets: readonly PacketWords[], way: Way, many: boolean): Outcome {
  const lot = ParkingLot.create(2);
  const ring = createRing({ capacityBytes: way.ringBytes, producerPark: 0, consumerPark: 1 });
  const reader = new RingReader(ring, lot);
  const definition = decoder();
  const registry = new RecordRegistry([definition], Object.values(tcpAnomalies));
  const linkCounters = new Float64Array(outputLinkCounters.names.length);
  const writer = new RingWriter(ring, lot, way.softBytes);
  const link = new OutputLink(writer, way.policy, linkCounters, { aborted: true });
  const room = new OutputRoom([link], { aborted: false }, assert.fail);
  const output = { link, records: [], format: 'ecs', ordered: false } as const;
  const router = new RecordRouter(registry, { ecs: new EcsEncoder(new RecordScribe()) }, [output]);
  const names = recordCounters(registry);
  const recorded = new Float64Array(names.set.names.length);
  const sink = new RecordSink(registry, router, names, recorded, room);
  const single: SessionSink = {
    get isCrowded(): boolean {
      return sink.isCrowded;
    },
    session: (facts, reason, timeUs) => sink.session(facts, reason, timeUs),
    record: (type, record, facts, timeUs) => sink.record(type, record, facts, timeUs),
    anomaly: (anomaly, facts, timeUs) => sink.anomaly(anomaly, facts, timeUs),
  };
  const counted = new Float64Array(sessionCounters.names.length);
  const engine = new SessionEngine({
    config: defaultSessionConfig({ max_sessions: 200, idle_udp_secs: 5, idle_tcp_secs: 20, ...way.config }),
    counters: counted,
    recognizer: new Recognizer([{ definition, options: {} }]),
    sink: many ? sink : single,
  });
  sink.setClock(engine);
  assert.notEqual(sink.run, undefined);
  const feed = new RingFeeder();
  const records: string[] = [];
  const empty = (): void => {
    sink.publish();
    while (reader.begin() > 0) {
      for (let at = reader.next(); at >= 0; at = reader.next()) {
        const { data } = reader;
        // Nobody writes or reads what is reserved.
        data.writeUInt16LE(0, at + OutputLayout.reserved);
        records.push(data.toString('latin1', at, at + data.readUInt32LE(at + OutputLayout.length)));
      }
      reader.release();
      if (way.softBytes !== undefined) writer.rewind();
    }
  };
  for (const [index, words] of packets.entries()) {
    engine.packet(feed.packet(words));
    if ((index + 1) % way.every === 0) empty();
  }
  let pieces = 1;
  for (; !engine.finish(); pieces++) empty();
  empty();
  assert.equal(engine.size, 0);
  const counts: Record<string, number> = {};
  const add = (block: Float64Array, all: readonly string[]): void => {
    for (const [index, name] of all.entries()) counts[name] = block[index] as number;
  };
  add(linkCounters, outputLinkCounters.names);
  add(recorded, names.set.names);
  add(counted, sessionCounters.names);
  return { pieces, records, counts };
}

interface Step {
  readonly flow: number;
  readonly direction: 0 | 1;
  readonly kind: 'data' | 'ahead' | 'handshake' | 'fin' | 'reset' | 'udp' | 'tunnel';
  readonly letter: string;
  readonly ms: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  flow: fc.nat({ max: 60 }),
  direction: fc.constantFrom<0 | 1>(0, 1),
  kind: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom<Step['kind']>('data', 'udp', 'handshake', 'fin') },
    { weight: 1, arbitrary: fc.constantFrom<Step['kind']>('ahead', 'reset', 'tunnel') },
  ),
  letter: fc.oneof(
    { weight: 80, arbitrary: fc.constantFrom('U', 'U', 'U', 'A', 'N', 'T', 'D', 'W') },
    { weight: 8, arbitrary: fc.constant('S') },
  ),
  ms: fc.oneof({ weight: 20, arbitrary: fc.nat({ max: 300 }) }, { weight: 1, arbitrary: fc.nat({ max: 60_000 }) }),
});

function packetsOf(steps: readonly Step[]): PacketWords[] {
  const packets: PacketWords[] = [];
  const sent = new Map<string, number>();
  let ms = 0;
  for (const { flow, direction, kind, letter, ms: later } of steps) {
    ms += later;
    const own = `${flow} ${direction}`;
    const other = `${flow} ${1 - direction}`;
    const put = (words: PacketWords, from = direction): void => {
      const ends = from === 0 ? { src: '10.0.0.1', dst: '10.0.0.2' } : { src: '10.0.0.2', dst: '10.0.0.1' };
      const [sport, dport] = from === 0 ? [4000 + flow, 80] : [80, 4000 + flow];
      packets.push({ ...ends, sport, dport, ms, number: packets.length + 1, ...words });
    };
    const [seq, ack] = [sent.get(own) ?? 1, sent.get(other) ?? 1];
    const data = letter.repeat(1 + (flow % 9));
    const send = (ahead: number): void => {
      put({ flags: 'PA', seq: seq + ahead, ack, data });
      sent.set(own, seq + ahead + data.length);
    };
    if (kind === 'udp') put({ protocol: 17, data });
    else if (kind === 'tunnel') put({ protocol: 17, data, tunnels: [{ type: TunnelType.gre, src: '1.1.1.1', dst: '2.2.2.2' }] });
    else if (kind === 'data') send(0);
    else if (kind === 'ahead') send(50);
    else if (kind === 'reset') put({ flags: 'R', seq });
    else if (kind === 'fin') {
      put({ flags: 'FA', seq, ack });
      sent.set(own, seq + 1);
    } else {
      put({ flags: 'S', seq: 0 }, 0);
      put({ flags: 'SA', seq: 0, ack: 1 }, 1);
      sent.delete(own);
      sent.delete(other);
    }
  }
  return packets;
}

const inPieces: Way = { config: {}, policy: 'yield', ringBytes: 1 << 16, softBytes: 1 << 12, every: 40 };
const ways: readonly Way[] = [
  { config: {}, policy: 'block', ringBytes: 1 << 21, every: Number.POSITIVE_INFINITY },
  { config: { decoder_notes: false, tcp_midstream: false }, policy: 'block', ringBytes: 1 << 21, every: 7 },
  { config: { save_packets: 5, tags: ['all'] }, policy: 'block', ringBytes: 1 << 21, every: 50 },
  { config: { identity: 'arkime', save_secs: 20 }, policy: 'block', ringBytes: 1 << 21, every: 20 },
  // Too small for what comes between two looks: what is lost is counted.
  { config: { close_linger_secs: 1 }, policy: 'drop', ringBytes: 1 << 16, every: 40 },
  { config: {}, policy: 'drop', ringBytes: 1 << 13, every: Number.POSITIVE_INFINITY },
  inPieces,
];

describe('sessions that end many at a time', () => {
  for (const [index, way] of ways.entries()) {
    test(`are recorded and counted as if each had come by itself (${index})`, () => {
      fc.assert(
        fc.property(fc.array(step, { minLength: 1, maxLength: 300 }), (steps) => {
          const packets = packetsOf(steps);
          const [many, single] = [played(packets, way, true), played(packets, way, false)];
          assert.deepEqual([many.records, many.counts], [single.records, single.counts]);
        }),
        { numRuns: 60 },
      );
    });
  }

  test('wait, at the end of the sources, for outputs that have enough to take', () => {
    const kinds = ['udp', 'ahead'] as const;
    const steps = Array.from({ length: 40 }, (_, flow) => ({ flow, direction: 0, letter: 'U', ms: 1 }) as const);
    for (const kind of kinds) {
      const packets = packetsOf(steps.map((each) => ({ ...each, kind })));
      for (const many of [true, false]) {
        const { pieces, records } = played(packets, { ...inPieces, ringBytes: 1 << 15, every: Number.POSITIVE_INFINITY }, many);
        assert.equal(records.length, 40);
        assert.ok(pieces > 3, `${pieces} pieces`);
      }
    }
  });

  test('are ended by the addon where nothing is kept elsewhere', () => {
    const packets = packetsOf(
      Array.from({ length: 40 }, (_, flow) => ({ flow, direction: 0, kind: 'udp', letter: 'U', ms: 1 }) as const),
    );
    const { records, counts } = played(packets, ways[0] as Way, true);
    assert.equal(records.length, 40);
    const names = ['session_records', 'closed_stopped_sessions', 'active_sessions', 'records'];
    assert.deepEqual(
      names.map((name) => counts[name]),
      [40, 40, 0, 40],
    );
  });
});
