// The header walk of a packet worker: records of a full ring read one after the other, with what the session table needs
// of each (key, flow hash, time, lengths, TCP words) read through the view. One thread, no session is kept.

import { Bench } from 'tinybench';
import { PacketView } from '../src/packet/index.ts';
import { createRing, ParkingLot, RecordKind, RingReader, RingWriter } from '../src/ring/index.ts';
import { RingFeeder } from '../test/session/ring-feeder.ts';
import type { BenchResult } from './bench-result.ts';

const ringBytes = 8 << 20;
const flows = 5000;

/** Fills a ring with TCP segments of many flows; returns their number. */
function fill(writer: RingWriter, payloadBytes: number): number {
  const feeder = new RingFeeder();
  const payload = Buffer.alloc(payloadBytes, 0x2e);
  let records = 0;
  for (;;) {
    const flow = (records * 7919) % flows;
    const record = feeder.packet({
      src: `10.0.${flow >> 8}.${flow & 255}`,
      sport: 1024 + flow,
      flags: 'PA',
      seq: records * payloadBytes,
      ack: records,
      data: payload,
      ms: records / 100,
    });
    const length = record.bytes.readUInt32LE(0);
    const at = writer.claim(length);
    if (at < 0) break;
    // The first word of a record is the writer's: it publishes the length with it.
    record.bytes.copy(writer.data, at + 8, 8, length);
    record.bytes.copy(writer.data, at + 4, 4, 8);
    writer.commit(length, RecordKind.packet);
    records += 1;
  }
  writer.publish();
  return records;
}

/** Reads all records; the sum keeps the reads from being left out. */
function walk(reader: RingReader, view: PacketView): number {
  let sum = 0;
  let latestUs = 0;
  reader.begin();
  for (let at = reader.next(); at >= 0; at = reader.next()) {
    view.at(at);
    sum =
      (sum +
        view.headWord +
        view.flowHash +
        view.portsWord +
        view.sourceWord(0) +
        view.destinationWord(0) +
        view.tcpSequence +
        view.tcpAcknowledgement +
        view.tcpWindow +
        view.wireLength +
        view.payloadStart +
        view.payloadLength +
        view.payloadWireLength) |
      0;
    if (view.timeUs > latestUs) latestUs = view.timeUs;
  }
  return sum + latestUs;
}

async function measure(payloadBytes: number): Promise<BenchResult> {
  const lot = ParkingLot.create(2);
  const ring = createRing({ capacityBytes: ringBytes, producerPark: 0, consumerPark: 1 });
  const records = fill(new RingWriter(ring, lot), payloadBytes);
  const expected = walk(new RingReader(ring, lot), new PacketView(new RingReader(ring, lot).data));
  const bench = new Bench({ time: 700, warmupTime: 200, throws: true });
  // Space is never given back, so each new reader finds the same full ring.
  bench.add('walk', () => {
    const reader = new RingReader(ring, lot);
    if (walk(reader, new PacketView(reader.data)) !== expected) throw new Error('the walks differ');
  });
  await bench.run();
  const result = bench.tasks[0]?.result;
  if (result === undefined || !('latency' in result)) throw new Error('the bench has no result');
  const value = (records / result.latency.p50) * 1000;
  return {
    name: `packet: header walk, ${payloadBytes}-byte payloads`,
    work: `one of ${records} TCP records of ${flows} flows in a ring of ${ringBytes >> 20} MiB: next, then 14 fields read (key, hash, time, lengths, sequence numbers)`,
    unit: 'records/s',
    value,
    extra: { 'ns/record': 1e9 / value },
  };
}

export default async function packetBench(): Promise<BenchResult[]> {
  return [await measure(6), await measure(512), await measure(1460)];
}

if (import.meta.main) console.table(await packetBench(), ['name', 'unit', 'value', 'extra']);
