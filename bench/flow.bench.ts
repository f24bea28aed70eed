// What a session costs beyond its packets: recognition, its decoder, values for its record, and memory while it waits for
// its idle time. The shipped decoders are enabled, records go nowhere. Times are CPU time of the process, so that what the
// garbage collector does on threads of its own counts.

import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { decoderDefinitions, Recognizer } from '../src/decoders/index.ts';
import { PacketView } from '../src/packet/index.ts';
import { defaultSessionConfig, SessionEngine, type SessionSink, sessionCounters } from '../src/session/index.ts';
import { type PacketWords, RingFeeder } from '../test/session/ring-feeder.ts';
import type { BenchResult } from './bench-result.ts';

const rounds = 5;
const streams = 20_000;
const dnsSessions = 40_000;
const idleSessions = 200_000;

/** Records one after the other, each where it could be in a ring. */
class Records {
  readonly view: PacketView;
  readonly #area: Buffer;
  readonly #offsets: number[];
  readonly #feeder: RingFeeder;
  #end: number;

  constructor(bytes: number) {
    this.#area = Buffer.from(new SharedArrayBuffer(bytes) as unknown as ArrayBuffer);
    this.view = new PacketView(this.#area);
    this.#offsets = [];
    this.#feeder = new RingFeeder();
    this.#end = 0;
  }

  get count(): number {
    return this.#offsets.length;
  }

  add(words: PacketWords): void {
    const record = this.#feeder.packet(words).bytes;
    const length = record.readUInt32LE(0);
    record.copy(this.#area, this.#end, 0, length);
    this.#offsets.push(this.#end);
    this.#end += (length + 7) & ~7;
  }

  run(engine: SessionEngine): void {
    for (const offset of this.#offsets) engine.packet(this.view.at(offset));
  }
}

const sink: SessionSink = { session: () => {}, record: () => {}, anomaly: () => {} };

function makeEngine(): SessionEngine {
  const defaults = (schema: { readonly properties: object }) =>
    Object.fromEntries(
      Object.entries(schema.properties as Record<string, { readonly default?: unknown }>).map(([name, { default: value }]) => [
        name,
        value,
      ]),
    );
  return new SessionEngine({
    config: defaultSessionConfig(),
    counters: new Float64Array(new SharedArrayBuffer(sessionCounters.names.length * 8)),
    recognizer: new Recognizer(decoderDefinitions.map((definition) => ({ definition, options: defaults(definition.options) }))),
    sink,
  });
}

function address(index: number): string {
  return `10.${index >>> 16}.${(index >>> 8) & 255}.${index & 255}`;
}

/** A question for an address and its answer, with names of 28 bytes. */
function dnsMessage(index: number, isAnswer: boolean): Buffer {
  const name = `host${String(index).padStart(8, '0')}.zone.example`;
  const labels = name.split('.').flatMap((label) => [label.length, ...Buffer.from(label, 'latin1')]);
  const head = [index >> 8, index, isAnswer ? 0x81 : 1, isAnswer ? 0x80 : 0, 0, 1, 0, isAnswer ? 1 : 0, 0, 0, 0, 0];
  const answer = [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, index];
  return Buffer.from([...head, ...labels, 0, 0, 1, 0, 1, ...(isAnswer ? answer : [])]);
}

/** Sessions `[from, to)`, each a question and its answer; a hundred are open at a time. */
function questions(from: number, to: number): Records {
  const records = new Records((to - from) * 480);
  for (let first = from; first < to; first += 100) {
    for (const isAnswer of [false, true]) {
      for (let index = first; index < Math.min(first + 100, to); index += 1) {
        const client = { src: address(index), dst: '172.16.0.53', sport: 40_000, dport: 53 };
        const ends = isAnswer ? { src: client.dst, dst: client.src, sport: 53, dport: client.sport } : client;
        records.add({ ...ends, protocol: 17, data: dnsMessage(index, isAnswer), ms: index / 1000 });
      }
    }
  }
  return records;
}

/** Handshake and three segments of `text` each way, all sessions side by side. */
function texts(text: string): Records {
  const records = new Records(streams * 9 * 200);
  const length = text.length;
  for (let step = 0; step < 9; step += 1) {
    for (let index = 0; index < streams; index += 1) {
      const client = { src: address(index), dst: '172.16.0.1', sport: 40_000, dport: 9000, ms: step };
      const server = { ...client, src: client.dst, dst: client.src, sport: client.dport, dport: client.sport };
      const handshake: PacketWords[] = [
        { ...client, flags: 'S', seq: 99 },
        { ...server, flags: 'SA', seq: 499, ack: 100 },
        { ...client, flags: 'A', seq: 100, ack: 500 },
      ];
      const round = (step - 3) >> 1;
      const data: PacketWords =
        (step & 1) === 1
          ? { ...client, flags: 'PA', seq: 100 + round * length, ack: 500 + round * length, data: text }
          : { ...server, flags: 'PA', seq: 500 + round * length, ack: 100 + (round + 1) * length, data: text };
      records.add(handshake[step] ?? data);
    }
  }
  return records;
}

/** Seconds of CPU time of a run of all records in a new engine, the fastest of some. */
function fastest(records: Records): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round += 1) {
    const engine = makeEngine();
    const before = process.cpuUsage();
    records.run(engine);
    engine.finish();
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / 1e6);
  }
  return best;
}

/** Resident anonymous memory of the process without its garbage, bytes. */
function anonymousBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const found = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1'));
  return Number(found?.[1]) * 1024;
}

/** What each of many more sessions adds to the process's memory. */
function idleBytes(): number {
  const first = questions(0, idleSessions / 4);
  const rest = questions(idleSessions / 4, idleSessions);
  const engine = makeEngine();
  first.run(engine);
  const before = anonymousBytes();
  rest.run(engine);
  const after = anonymousBytes();
  if (engine.size !== idleSessions) throw new Error('sessions ended early');
  return (after - before) / (idleSessions * 0.75);
}

export default async function (): Promise<BenchResult[]> {
  const idle = idleBytes();
  const dns = fastest(questions(0, dnsSessions));
  const digits = texts('000123');
  const letters = texts('abcdef');
  const ofDigits = fastest(digits);
  const ofLetters = fastest(letters);
  return [
    {
      name: 'flow: DNS sessions',
      work: `${dnsSessions} UDP sessions of a question and its answer, through recognition and decoder, told to a sink that does nothing`,
      unit: 'sessions/s',
      value: dnsSessions / dns,
    },
    {
      name: 'flow: memory of an idle DNS session',
      work: `slope of anonymous memory from ${idleSessions / 4} to ${idleSessions} answered UDP sessions in the table`,
      unit: 'bytes',
      value: idle,
    },
    {
      name: 'flow: streams of digits',
      work: `${streams} TCP sessions side by side, three segments of six digits each way: no protocol's, known at the first`,
      unit: 'packets/s',
      value: digits.count / ofDigits,
    },
    {
      name: 'flow: streams that stay undecided',
      work: `the same with letters, which could be a method of HTTP until there are more than any has`,
      unit: 'packets/s',
      value: letters.count / ofLetters,
    },
  ];
}
