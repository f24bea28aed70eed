// The ring alone: records of 64, 512 and 1460 bytes from this thread to a worker, and what each side costs on one
// thread. Payload is written and read in place; the consumer reads the first and last word of every payload.

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { Bench } from 'tinybench';
import { createRing, OutputLayout, ParkingLot, RecordKind, RingReader, RingWriter } from '../src/ring/index.ts';
import type { BenchResult } from './bench-result.ts';

const capacityBytes = 4 << 20;
const batch = 256;
const recordsPerTask = 1_000_000;
const roundsPerTask = 256;

/** Fills a claimed record as a producer would: head and payload, the first and last word of it told apart by `n`. */
function produce(writer: RingWriter, payload: Uint8Array, bytes: number, count: number): number {
  let sum = 0;
  const { words, data } = writer;
  for (let n = 0; n < count; n += 1) {
    let at = writer.claim(bytes);
    while (at < 0) {
      writer.waitForSpace(bytes, 10_000);
      at = writer.claim(bytes);
    }
    data.set(payload, at + OutputLayout.size);
    words[(at + OutputLayout.size) >> 2] = n;
    words[(at + bytes - 4) >> 2] = n * 3;
    sum = (sum + n + n * 3) | 0;
    writer.commit(bytes, RecordKind.record);
    if ((n & (batch - 1)) === batch - 1) writer.publish();
  }
  writer.publish();
  return sum;
}

async function betweenThreads(bytes: number): Promise<BenchResult> {
  const lot = ParkingLot.create(2);
  const ring = createRing({ capacityBytes, producerPark: 0, consumerPark: 1 });
  const writer = new RingWriter(ring, lot);
  const payload = new Uint8Array(bytes - OutputLayout.size).fill(0x5a);
  const consumer = new Worker(new URL('./fixtures/ring-consumer.ts', import.meta.url), {
    workerData: { ring, lot: lot.buffer, word: 1, batch },
  });
  const bench = new Bench({ iterations: 5, time: 0, warmupIterations: 1, warmupTime: 0, throws: true });
  bench.add(`${bytes} bytes`, async () => {
    consumer.postMessage(recordsPerTask);
    const sum = produce(writer, payload, bytes, recordsPerTask);
    const [seen] = (await once(consumer, 'message')) as [number];
    if (seen !== sum) throw new Error(`the consumer read ${seen} where ${sum} was written`);
  });
  await bench.run();
  consumer.postMessage(0);
  await once(consumer, 'exit');
  const value = (recordsPerTask / medianMs(bench)) * 1000;
  return {
    name: `ring: two threads, ${bytes} bytes`,
    work: `${recordsPerTask} records of ${bytes} bytes (head ${OutputLayout.size}), payload copied in, first and last payload word read, ${capacityBytes >> 20} MiB ring, batches of ${batch}`,
    unit: 'records/s',
    value,
    extra: { 'GB/s': (value * bytes) / 1e9 },
  };
}

/** Both sides by turns on one thread: what claim, commit, publish, next and release cost without a second core's cache. */
async function oneThread(bytes: number): Promise<BenchResult> {
  const lot = ParkingLot.create(2);
  const ring = createRing({ capacityBytes, producerPark: 0, consumerPark: 1 });
  const writer = new RingWriter(ring, lot);
  const reader = new RingReader(ring, lot);
  let records = 0;
  const bench = new Bench({ time: 500, warmupTime: 100, throws: true });
  bench.add('one thread', () => {
    for (let round = 0; round < roundsPerTask; round += 1) {
      for (let n = 0; n < batch; n += 1) {
        const at = writer.claim(bytes);
        writer.words[(at >> 2) + 2] = n;
        writer.commit(bytes, RecordKind.record);
      }
      writer.publish();
      reader.begin();
      while (reader.next() >= 0) records += 1;
      reader.release();
    }
  });
  await bench.run();
  if (records === 0 || records % batch !== 0) throw new Error(`${records} records came through`);
  const perTask = roundsPerTask * batch;
  return {
    name: `ring: one thread, ${bytes} bytes`,
    work: `claim, one word written, commit, next; publish and release every ${batch} records`,
    unit: 'ns/record',
    value: (medianMs(bench) * 1e6) / perTask,
  };
}

function medianMs(bench: Bench): number {
  const result = bench.tasks[0]?.result;
  if (result === undefined || !('latency' in result)) throw new Error('the bench has no result');
  return result.latency.p50;
}

export default async function ringBench(): Promise<BenchResult[]> {
  return [await betweenThreads(64), await betweenThreads(512), await betweenThreads(1460), await oneThread(64)];
}

if (import.meta.main) console.table(await ringBench(), ['name', 'unit', 'value', 'extra']);
