// The session room alone: records lie in memory as in a ring, no decoder is enabled, the sink counts.

import { Bench } from 'tinybench';
import { Recognizer } from '../src/decoders/index.ts';
import { PacketView } from '../src/packet/index.ts';
import { defaultSessionConfig, SessionEngine, type SessionSink, sessionCounters } from '../src/session/index.ts';
import { type PacketWords, RingFeeder } from '../test/session/ring-feeder.ts';
import type { BenchResult } from './bench-result.ts';

const flows = 200_000;

/** Records one after the other. */
class Records {
  readonly view: PacketView;
  readonly offsets: Int32Array;
  count: number;
  readonly #area: Buffer;
  readonly #feeder: RingFeeder;
  #end: number;

  constructor(records: number, bytes: number) {
    this.#area = Buffer.from(new SharedArrayBuffer(bytes) as unknown as ArrayBuffer);
    this.view = new PacketView(this.#area);
    this.offsets = new Int32Array(records);
    this.count = 0;
    this.#feeder = new RingFeeder();
    this.#end = 0;
  }

  add(words: PacketWords): void {
    const record = this.#feeder.packet(words).bytes;
    const length = record.readUInt32LE(0);
    record.copy(this.#area, this.#end, 0, length);
    this.offsets[this.count++] = this.#end;
    this.#end += (length + 7) & ~7;
  }
}

function address(flow: number): string {
  return `10.${flow >>> 16}.${(flow >>> 8) & 255}.${flow & 255}`;
}

/** A permutation that looks random and is the same each time. */
function shuffled(length: number): Int32Array {
  const order = Int32Array.from({ length }, (_, index) => index);
  let state = 12_345;
  for (let index = length - 1; index > 0; index--) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    const other = state % (index + 1);
    const kept = order[index] as number;
    order[index] = order[other] as number;
    order[other] = kept;
  }
  return order;
}

const sink: SessionSink = { session: () => {}, record: () => {}, anomaly: () => {} };

function engine(): SessionEngine {
  return new SessionEngine({
    config: defaultSessionConfig(),
    counters: new Float64Array(new SharedArrayBuffer(sessionCounters.names.length * 8)),
    recognizer: new Recognizer([]),
    sink,
  });
}

function runAll(target: SessionEngine, records: Records): void {
  const { view, offsets, count } = records;
  for (let index = 0; index < count; index++) target.packet(view.at(offsets[index] as number));
}

/** One packet of each flow in random order, both directions, TCP acknowledgements and UDP. */
function updates(): Records {
  const records = new Records(flows, flows * 184);
  for (const flow of shuffled(flows)) {
    const client = { src: address(flow), dst: '172.16.0.1', sport: 1024 + (flow % 60_000), dport: 443 };
    const server = { src: client.dst, dst: client.src, sport: client.dport, dport: client.sport };
    const ends = flow % 2 === 0 ? client : server;
    if (flow % 4 === 0) records.add({ ...ends, protocol: 17, data: '123456' });
    else records.add({ ...ends, protocol: 6, flags: 'A', seq: flow, ack: 7 });
  }
  return records;
}

const perConversation = 10;

/** Whole TCP conversations, a thousand at a time: handshake, 6-byte segments, FIN both ways. */
function conversations(count: number): Records {
  const records = new Records(count * perConversation, count * perConversation * 184);
  for (let first = 0; first < count; first += 1000) {
    for (let step = 0; step < perConversation; step++) {
      for (let flow = first; flow < Math.min(count, first + 1000); flow++) records.add(conversationStep(flow, step));
    }
  }
  return records;
}

function conversationStep(flow: number, step: number): PacketWords {
  const client = { src: address(flow), dst: '172.16.0.1', sport: 40_000, dport: 443, ms: flow / 100 + step };
  const server = { ...client, src: client.dst, dst: client.src, sport: client.dport, dport: client.sport };
  const steps: readonly PacketWords[] = [
    { ...client, flags: 'S', seq: 99 },
    { ...server, flags: 'SA', seq: 499, ack: 100 },
    { ...client, flags: 'A', seq: 100, ack: 500 },
    { ...client, flags: 'PA', seq: 100, ack: 500, data: 'abcdef' },
    { ...server, flags: 'PA', seq: 500, ack: 106, data: 'abcdef' },
    { ...client, flags: 'PA', seq: 106, ack: 506, data: 'abcdef' },
    { ...server, flags: 'A', seq: 506, ack: 112 },
    { ...client, flags: 'FA', seq: 112, ack: 506 },
    { ...server, flags: 'FA', seq: 506, ack: 113 },
    { ...client, flags: 'A', seq: 113, ack: 507 },
  ];
  return steps[step] as PacketWords;
}

/** Reads what the engine reads of a record, and nothing else. */
function walk(records: Records): number {
  const { view, offsets, count } = records;
  let sum = 0;
  for (let index = 0; index < count; index++) {
    view.at(offsets[index] as number);
    sum = (sum + view.flowHash + view.headWord + view.portsWord + view.sourceWord(0) + view.destinationWord(0)) | 0;
    sum = (sum + view.tcpSequence + view.tcpAcknowledgement + view.payloadWireLength + view.wireLength) | 0;
    sum = (sum + view.clockUs) | 0;
  }
  return sum;
}

export default async function (): Promise<BenchResult[]> {
  const bench = new Bench({ time: 1000, warmupTime: 300 });
  const one = updates();
  const warm = engine();
  runAll(warm, one);
  const many = conversations(20_000);
  let sum = 0;
  bench.add('walk', () => {
    sum += walk(one);
  });
  bench.add('update', () => runAll(warm, one));
  bench.add('conversations', () => {
    const fresh = engine();
    runAll(fresh, many);
    fresh.finish();
  });
  await bench.run();
  if (Number.isNaN(sum)) throw new Error('the walk read nothing');
  const rate = (name: string, records: number): number => {
    const result = bench.getTask(name)?.result as { readonly latency?: { readonly mean: number } } | undefined;
    return records / ((result?.latency?.mean ?? Number.NaN) / 1000);
  };
  return [
    {
      name: 'packet: header walk',
      work: `the fields that the session engine reads, ${flows} records of different flows, 184 bytes apart`,
      unit: 'records/s',
      value: rate('walk', flows),
    },
    {
      name: 'session: look-up and update',
      work: `one packet to each of ${flows} open sessions in random order, both directions, TCP acknowledgements and UDP`,
      unit: 'packets/s',
      value: rate('update', flows),
    },
    {
      name: 'session: whole TCP conversations',
      work: `20000 conversations of ${perConversation} packets, a thousand at a time: opened, followed, closed, told to the sink`,
      unit: 'packets/s',
      value: rate('conversations', 20_000 * perConversation),
    },
  ];
}
