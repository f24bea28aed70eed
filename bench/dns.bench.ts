// The DNS decoder alone and with its records encoded: query and response pairs, one UDP session each, as most resolver
// clients make them. Runs on the main thread; bytes lie in shared memory as they do in a packet worker's ring.

import { dnsDecoder } from '../src/decoders/dns/index.ts';
import type { DecoderContext, Transport } from '../src/decoders/index.ts';
import { EcsEncoder, type RecordType } from '../src/record/index.ts';
import { RecordScribe } from '../src/scribe/index.ts';
import type { BenchResult } from './bench-result.ts';

const pairCount = 4096;
const roundMs = 700;
const rounds = 3;

interface Pair {
  readonly query: readonly [number, number];
  readonly response: readonly [number, number];
}

/** Messages of names of 20 to 32 bytes, mixed as in resolver traffic: A (one to three addresses behind a CNAME), AAAA, HTTPS, NXDOMAIN. */
function makePairs(): { readonly bytes: Buffer; readonly pairs: readonly Pair[] } {
  const bytes = Buffer.from(new SharedArrayBuffer(pairCount * 512));
  let at = 0;
  const put = (...values: number[]): void => {
    for (const value of values) bytes[at++] = value;
  };
  const put16 = (...values: number[]): void => {
    for (const value of values) put(value >> 8, value & 255);
  };
  const head = (index: number, flags: number, answers: number, authorities: number, type: number): void => {
    put16(index, flags, 1, answers, authorities, 1);
    for (const label of [`host-${(index * 7919) % 100003}`, `zone${index % 997}`, 'example', 'com']) {
      put(label.length);
      at += bytes.write(label, at, 'latin1');
    }
    put(0);
    put16(type, 1);
  };
  const opt = (): void => put(0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0);
  const pairs: Pair[] = [];
  for (let index = 0; index < pairCount; index++) {
    const kind = index % 8;
    const type = kind < 5 ? 1 : kind === 5 ? 28 : kind === 6 ? 65 : 1;
    const from = at;
    head(index, 0x0100, 0, 0, type);
    opt();
    const middle = at;
    if (kind === 7) {
      head(index, 0x8183, 0, 1, type);
      put16(0xc00c, 6, 1, 0, 900, 24, 0xc00c, 0xc00c);
      put16(0, 1, 0, 2, 0, 3, 0, 4, 0, 5);
    } else if (type === 65) {
      head(index, 0x8180, 1, 0, type);
      put16(0xc00c, 65, 1, 0, 300, 10, 1);
      put(0, 0, 1, 0, 3, 2, 0x68, 0x32);
    } else if (type === 28) {
      head(index, 0x8180, 1, 0, type);
      put16(0xc00c, 28, 1, 0, 300, 16, 0x2001, 0xdb8, 0, 0, 0, 0, index, 1);
    } else {
      const addresses = 1 + (index % 3);
      head(index, 0x8180, 1 + addresses, 0, type);
      const cname = at + 12 - middle;
      put16(0xc00c, 5, 1, 0, 60, 6);
      put(3, 0x63, 0x64, 0x6e);
      put16(0xc00c);
      for (let n = 0; n < addresses; n++) {
        put16(0xc000 | cname, 1, 1, 0, 60, 4);
        put(192, 0, index & 255, n);
      }
    }
    opt();
    pairs.push({ query: [from, middle], response: [middle, at] });
  }
  return { bytes, pairs };
}

class BenchContext implements DecoderContext {
  readonly transport: Transport = 'udp';
  readonly clientPort = 40000;
  readonly serverPort = 53;
  readonly startUs = 0;
  handoverAt = 0;
  readonly details = false;
  records = 0;
  bytes = 0;
  readonly #encoder: EcsEncoder | undefined;
  readonly #target = Buffer.alloc(65536);

  constructor(encoder: EcsEncoder | undefined) {
    this.#encoder = encoder;
  }
  emit<R>(type: RecordType<R>, record: R, timeUs: number): void {
    this.records++;
    if (this.#encoder !== undefined)
      this.bytes += this.#encoder.encode(type, record, undefined, timeUs, this.#target, 0, this.#target.length);
  }
  protocol(): void {}
  note(): void {}
  isClientAddress(): boolean {
    return false;
  }

  anomaly(): void {
    throw new Error('the messages of this bench are sound');
  }
}

/** Pairs a second, the best of some rounds. */
function measure(encoder: EcsEncoder | undefined): { readonly rate: number; readonly recordBytes: number } {
  const { bytes, pairs } = makePairs();
  const context = new BenchContext(encoder);
  const properties = dnsDecoder.options.properties as Record<string, { default?: unknown }>;
  const options = Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, schema.default]));
  const decoder = dnsDecoder.create(context, options);
  let done = 0;
  const pass = (): void => {
    for (const { query, response } of pairs) {
      dnsDecoder.probe(0, bytes, query[0], query[1]);
      decoder.recycle?.(context);
      decoder.data(0, bytes, query[0], query[1], done);
      decoder.data(1, bytes, response[0], response[1], done + 1000);
      decoder.end('timeout', done + 2000);
      done++;
    }
  };
  pass();
  let best = 0;
  for (let round = 0; round < rounds; round++) {
    const before = done;
    const start = performance.now();
    while (performance.now() - start < roundMs) pass();
    best = Math.max(best, ((done - before) * 1000) / (performance.now() - start));
  }
  if (context.records !== done) throw new Error(`${context.records} records of ${done} pairs`);
  return { rate: best, recordBytes: context.bytes / Math.max(1, context.records) };
}

export default async function dnsBench(): Promise<BenchResult[]> {
  const decoded = measure(undefined);
  const encoded = measure(new EcsEncoder(new RecordScribe()));
  const work = 'probe, a session of its own, query and response paired; 4096 names, A behind CNAME, AAAA, HTTPS, NXDOMAIN, EDNS';
  return [
    { name: 'dns: decode', work, unit: 'pairs/s', value: decoded.rate },
    {
      name: 'dns: decode and encode',
      work: `${work}; record as ECS JSON without session fields`,
      unit: 'pairs/s',
      value: encoded.rate,
      extra: { 'bytes/record': encoded.recordBytes },
    },
  ];
}
