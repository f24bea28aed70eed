// Recognition and the session engine with all decoders as a fuzz target: mutated packets, whose records must be JSON,
// and after which every session must be closed and every packet counted.
//
// Input: packets of 9 bytes and their payload. Byte 0: direction (bit 0), protocol (bits 1 and 2), flow (bits 3 and 4), time
// before it (bits 5 to 7); byte 1: TCP flags; 2 to 4: sequence number, 5 and 6: acknowledgement, both from where the side
// began; 7 and 8: payload length. Numbers have their low byte first.

import assert from 'node:assert/strict';
import { decoderDefinitions, Recognizer } from '../../src/decoders/index.ts';
import { anomalyRecordType, EcsEncoder, RecordRegistry, type RecordType, type SessionFacts } from '../../src/record/index.ts';
import { RecordScribe } from '../../src/scribe/index.ts';
import { defaultSessionConfig, SessionEngine, sessionCounters, tcpAnomalies } from '../../src/session/index.ts';
import { defaultOptions } from '../../test/decoders/decoder-kit.ts';
import { RingFeeder } from '../../test/session/ring-feeder.ts';
import { conversationsOf } from './capture-seeds.ts';
import type { Target } from './target.ts';

const headBytes = 9;
const protocols = [6, 17, 6, 132];
const serverPorts = [80, 53, 443, 9000];
const pausesMs = [0, 1, 1, 5, 50, 1000, 20_000, 500_000];
const flagLetters = 'FSRPAU';
const firstSequences = [0xffff_ff00, 5000];
const recordBytes = 1 << 17;

export const sessionTarget: Target = {
  name: 'session',
  meaning: 'packets of a few flows at recognition, session table, streams, decoders and encoder',
  seeds: (captures) =>
    conversationsOf(captures)
      .filter(({ protocol }) => protocols.includes(protocol))
      .map(({ protocol, serverPort, packets }) => {
        const first = [0, 1].map((side) => packets.find(({ direction }) => direction === side)?.sequence ?? 0);
        const flow = Math.max(0, serverPorts.indexOf(serverPort));
        return Buffer.concat(
          packets.flatMap(({ direction, flags, sequence, acknowledgement, payload }) => {
            const head = Buffer.alloc(headBytes);
            head[0] = direction | (protocols.indexOf(protocol) << 1) | (flow << 3) | (1 << 5);
            head[1] = flags;
            head.writeUIntLE((sequence - (first[direction] as number)) & 0xff_ffff, 2, 3);
            head.writeUInt16LE((acknowledgement - (first[direction === 0 ? 1 : 0] as number)) & 0xffff, 5);
            head.writeUInt16LE(payload.length, 7);
            return [head, payload];
          }),
        );
      }),
  run,
};

const recognizer = new Recognizer(decoderDefinitions.map((definition) => ({ definition, options: defaultOptions(definition) })));
const registry = new RecordRegistry(decoderDefinitions, Object.values(tcpAnomalies));
const encoder = new EcsEncoder(new RecordScribe());
const target = Buffer.alloc(recordBytes);

function run(input: Buffer): string {
  const outcomes = new Set<string>();
  const counters = new Float64Array(sessionCounters.names.length);
  const encode = <R>(type: RecordType<R>, record: R, facts: SessionFacts, timeUs: number): void => {
    outcomes.add(type.name);
    const end = encoder.encode(type, record, facts, timeUs, target, 0, target.length);
    assert.ok(end > 0, 'a record is larger than 128 KiB');
    const text = target.toString('utf8', 0, end);
    assert.ok(text.endsWith('}\n'));
    JSON.parse(text);
    facts.nextRecordIndex();
  };
  const engine = new SessionEngine({
    // Small bounds, so that they are reached.
    config: defaultSessionConfig({ max_sessions: 16, tcp_queue_segments: 4, tcp_queue_bytes: 4000, save_packets: 20 }),
    counters,
    recognizer,
    sink: {
      session: (facts, _reason, timeUs) => encode(registry.session, facts, facts, timeUs),
      record: encode,
      anomaly: (anomaly, facts, timeUs) => {
        outcomes.add(anomaly.name);
        encode(anomalyRecordType, anomaly, facts, timeUs);
      },
    },
  });
  const packets = feed(engine, input);
  engine.finish();
  const count = (name: (typeof sessionCounters.names)[number]): number => counters[sessionCounters.index[name]] as number;
  assert.equal(count('packets'), packets, 'packets counted');
  assert.equal(count('active_sessions'), 0, 'sessions left open');
  sessionCounters.names.forEach((name, index) => {
    if (counters[index] !== 0) outcomes.add(name);
  });
  return [...outcomes].sort().join(', ');
}

function feed(engine: SessionEngine, input: Buffer): number {
  const feeder = new RingFeeder();
  let ms = 0;
  let packets = 0;
  for (let at = 0; at + headBytes <= input.length; ) {
    const what = input[at] as number;
    const flags = input[at + 1] as number;
    const direction = what & 1;
    const flow = (what >> 3) & 3;
    const length = Math.min(input.readUInt16LE(at + 7), input.length - at - headBytes);
    const [client, server] = [
      { ip: '10.0.0.1', port: 40_000 + flow },
      { ip: '10.0.0.2', port: serverPorts[flow] as number },
    ];
    const [from, to] = direction === 0 ? [client, server] : [server, client];
    ms += pausesMs[what >> 5] as number;
    engine.packet(
      feeder.packet({
        protocol: protocols[(what >> 1) & 3] as number,
        ...{ src: from.ip, sport: from.port, dst: to.ip, dport: to.port, ms },
        flags: [...flagLetters].filter((_, bit) => (flags & (1 << bit)) !== 0).join(''),
        seq: ((firstSequences[direction] as number) + input.readUIntLE(at + 2, 3)) >>> 0,
        ack: ((firstSequences[1 - direction] as number) + input.readUInt16LE(at + 5)) >>> 0,
        data: input.subarray(at + headBytes, at + headBytes + length),
      }),
    );
    packets += 1;
    at += headBytes + length;
  }
  return packets;
}
