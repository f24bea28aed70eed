// The capture crate as a source worker runs it: read a pcap file, dissect, hash, write records into a ring. The ring is
// emptied on the same thread between polls by moving its head, so one thread does all the work that is measured.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFiles } from '../src/capture/index.ts';
import { captureCounters, createRing, ParkingLot, PollStatus, RingReader } from '../src/ring/index.ts';
import type { BenchResult } from './bench-result.ts';

const packetCount = 100_000;
const rounds = 5;
const ringBytes = 4 << 20;

/** TCP segments of `flows` flows, `frameBytes` long each, optionally inside VXLAN. */
function makeFile(frameBytes: number, tunnel: boolean): Buffer {
  const flows = 5000;
  const outer = tunnel ? 14 + 20 + 8 + 8 : 0;
  const size = outer + frameBytes;
  const frame = Buffer.alloc(16 + size);
  frame.writeUInt32LE(size, 8);
  frame.writeUInt32LE(size, 12);
  const ethernetAndIp = (at: number, protocol: number): void => {
    frame.write('02000000000202000000000108004500', at, 'hex');
    frame.writeUInt16BE(16 + size - at - 14, at + 16);
    frame.write('4006', at + 22, 'hex');
    frame[at + 23] = protocol;
    frame.write('c0000201c6336407', at + 26, 'hex');
  };
  if (tunnel) {
    ethernetAndIp(16, 17);
    frame.writeUInt16BE(40_000, 50);
    frame.writeUInt16BE(4789, 52);
    frame.writeUInt16BE(size - 34, 54);
    frame.write('080000000003e800', 58, 'hex');
  }
  const inner = 16 + outer;
  ethernetAndIp(inner, 6);
  frame.writeUInt16BE(443, inner + 36);
  frame.write('5018ffff', inner + 46, 'hex');
  const file = Buffer.alloc(24 + packetCount * frame.length);
  file.write('d4c3b2a1020004000000000000000000000004000100', 0, 'hex');
  file.writeUInt32LE(1, 20);
  for (let index = 0; index < packetCount; index++) {
    frame.writeUInt32LE(1_700_000_000 + Math.floor(index / 100_000), 0);
    frame.writeUInt32LE((index * 10) % 1_000_000, 4);
    const flow = (index * 7919) % flows;
    frame.writeUInt16BE(flow, inner + 28);
    frame.writeUInt16BE(1024 + flow, inner + 34);
    frame.writeUInt32BE(index, inner + 38);
    frame.copy(file, 24 + index * frame.length);
  }
  return file;
}

/** Seconds for the whole file. */
function readOnce(path: string): number {
  const lot = ParkingLot.create(2);
  const ring = createRing({ capacityBytes: ringBytes, producerPark: 0, consumerPark: 1 });
  const counters = new Float64Array(new SharedArrayBuffer(captureCounters.length * 8));
  const source = openFiles({ inputs: [path], path: { checksums: 'none' } }, { rings: [ring], lot, parkWord: 0, counters });
  const reader = new RingReader(ring, lot);
  const start = performance.now();
  for (;;) {
    const status = source.poll(4096);
    reader.position = (reader.position + reader.begin()) | 0;
    reader.release();
    if (status === PollStatus.end) break;
  }
  const seconds = (performance.now() - start) / 1000;
  if (counters[2] !== packetCount) throw new Error(`${counters[2]} of ${packetCount} packets delivered`);
  return seconds;
}

export default async function captureBench(): Promise<BenchResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'ringtap-bench-'));
  const results: BenchResult[] = [];
  try {
    for (const [frameBytes, tunnel] of [
      [64, false],
      [512, false],
      [1514, false],
      [512, true],
    ] as const) {
      const path = join(folder, 'frames.pcap');
      writeFileSync(path, makeFile(frameBytes, tunnel));
      let best = Number.POSITIVE_INFINITY;
      for (let round = 0; round < rounds; round++) best = Math.min(best, readOnce(path));
      const what = `${frameBytes}-byte frames${tunnel ? ' in VXLAN' : ''}`;
      results.push({
        name: `capture: file to ring, ${what}`,
        work: `one of ${packetCount} TCP packets of 5000 flows from a cached pcap: read, headers walked, hashed, record written`,
        unit: 'packets/s',
        value: packetCount / best,
        extra: { 'GB/s': (packetCount * frameBytes) / best / 1e9, 'ns/packet': (best * 1e9) / packetCount },
      });
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return results;
}
