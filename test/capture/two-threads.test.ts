// The capture crate against consumers on other threads, with rings so small that both sides sleep all the time: nothing
// may be lost, torn or left asleep.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { openFiles } from '../../src/capture/index.ts';
import { captureCounters, createRing, ParkingLot, PollStatus } from '../../src/ring/index.ts';
import { ipv4Frame, pcapFile, udpDatagram } from './fixtures/pcap.ts';

const folder = mkdtempSync(join(tmpdir(), 'ringtap-capture-'));
after(() => rmSync(folder, { recursive: true }));

const packetCount = 20_000;
const workers = 2;
/** Far beyond what a wake-up takes: the test fails when a sleeper is only saved by its time-out. */
const sleepMs = 10_000;

function message(worker: Worker): Promise<unknown> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

test('consumers on other threads get every packet once, in order and whole', async () => {
  const path = join(folder, 'many.pcap');
  const frames = Array.from({ length: packetCount }, (_, index) => {
    const port = 1024 + (index % 10_000);
    const payload = new Uint8Array(index % 400).fill(port & 0xff);
    const addresses = { source: [192, 0, 2, 1], destination: [198, 51, 100, 7] };
    return {
      timeUs: 1_700_000_000_000_000 + index,
      bytes: ipv4Frame({ protocol: 17, ...addresses }, udpDatagram(port, 9, payload)),
    };
  });
  writeFileSync(path, pcapFile(frames));

  const lot = ParkingLot.create(workers + 1);
  const rings = Array.from({ length: workers }, (_, worker) =>
    createRing({ capacityBytes: 8192, producerPark: 0, consumerPark: worker + 1 }),
  );
  const consumers = rings.map(
    (ring, worker) =>
      new Worker(new URL('./fixtures/consumer-worker.ts', import.meta.url), {
        workerData: { ring, lotBuffer: lot.buffer, word: worker + 1 },
      }),
  );
  await Promise.all(consumers.map(message));
  const results = consumers.map(message);

  const counters = new Float64Array(new SharedArrayBuffer(captureCounters.length * 8));
  const source = openFiles({ inputs: [path] }, { rings, lot, parkWord: 0, counters });
  let full = 0;
  for (let status: number = PollStatus.progress; status !== PollStatus.end; ) {
    status = source.poll(1000);
    if (status !== PollStatus.ringFull) continue;
    full += 1;
    assert.notEqual(Atomics.wait(lot.words, lot.indexOf(0), 1, sleepMs), 'timed-out');
  }
  const counted = (await Promise.all(results)) as { packets: number; sleeps: number }[];
  assert.equal(
    counted.reduce((sum, { packets }) => sum + packets, 0),
    packetCount,
  );
  for (const { packets } of counted) assert.ok(packets > packetCount / 4);
  assert.ok(full > 100);
  const delivered = captureCounters.findIndex(([name]) => name === 'delivered_packets');
  assert.equal(counters[delivered], packetCount);
  await Promise.all(consumers.map((worker) => worker.terminate()));
});
