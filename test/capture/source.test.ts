// The addon from end to end on one thread: a capture file made here goes through `Source.poll` into rings made here,
// and comes out through `RingReader` and `PacketView`.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type OpenFilesOptions, openFiles, type Source } from '../../src/capture/index.ts';
import { SensorError } from '../../src/errors.ts';
import { PacketView } from '../../src/packet/index.ts';
import {
  captureCounters,
  createRing,
  PacketFlag,
  ParkingLot,
  PollStatus,
  RecordKind,
  RingReader,
  ringState,
  TunnelLayout,
  TunnelType,
} from '../../src/ring/index.ts';
import { type CapturedFrame, ipv4Frame, pcapFile, tcpSegment, udpDatagram } from './fixtures/pcap.ts';

const folder = mkdtempSync(join(tmpdir(), 'ringtap-capture-'));
after(() => rmSync(folder, { recursive: true }));

const startUs = 1_700_000_000_000_000;
const alice = [192, 0, 2, 1];
const bob = [198, 51, 100, 7];

interface Rig {
  readonly source: Source;
  readonly readers: readonly RingReader[];
  readonly lot: ParkingLot;
  readonly counter: (name: string) => number;
}

let files = 0;

function rig(
  frames: readonly CapturedFrame[] | Buffer,
  setup: { workers?: number; capacityBytes?: number; options?: Partial<OpenFilesOptions> } = {},
): Rig {
  files += 1;
  const path = join(folder, `${files}.pcap`);
  writeFileSync(path, Buffer.isBuffer(frames) ? frames : pcapFile(frames));
  const { workers = 1, capacityBytes = 65_536, options = {} } = setup;
  const lot = ParkingLot.create(workers + 1);
  const rings = Array.from({ length: workers }, (_, worker) =>
    createRing({ capacityBytes, producerPark: 0, consumerPark: worker + 1 }),
  );
  const counters = new Float64Array(new SharedArrayBuffer(captureCounters.length * 8));
  const source = openFiles({ inputs: [path], ...options }, { rings, lot, parkWord: 0, counters });
  assert.deepEqual(source.fileNames, [path]);
  return {
    source,
    readers: rings.map((ring) => new RingReader(ring, lot)),
    lot,
    counter: (name) => counters[captureCounters.findIndex(([known]) => known === name)] as number,
  };
}

/** Calls `visit` for every packet that is readable, then gives the space back. */
function drain(reader: RingReader, visit: (packet: PacketView) => void): void {
  const view = new PacketView(reader.data);
  while (reader.begin() > 0) {
    for (let at = reader.next(); at >= 0; at = reader.next()) if (reader.kind === RecordKind.packet) visit(view.at(at));
    reader.release();
  }
}

const address = (word: (index: number) => number): number[] =>
  [0, 1, 2, 3].flatMap((index) => {
    const value = word(index) >>> 0;
    return [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24];
  });

const v4 = (bytes: readonly number[]): number[] => [...bytes, ...new Array<number>(12).fill(0)];
const text = (packet: PacketView): string =>
  packet.bytes.toString('latin1', packet.payloadStart, packet.payloadStart + packet.payloadLength);

function udpFrames(count: number, payloadBytes: number): CapturedFrame[] {
  return Array.from({ length: count }, (_, index) => ({
    timeUs: startUs + index,
    bytes: ipv4Frame(
      { protocol: 17, source: alice, destination: bob },
      udpDatagram(10_000 + index, 9, new Uint8Array(payloadBytes).fill(index)),
    ),
  }));
}

test('every field of a TCP packet crosses', () => {
  const syn = tcpSegment(
    {
      sourcePort: 49_152,
      destinationPort: 443,
      sequence: 0xfffffff0,
      acknowledgement: 0,
      flags: 0x02,
      window: 64_240,
      options: [2, 4, 5, 180, 1, 3, 3, 7],
    },
    new Uint8Array(0),
  );
  const data = tcpSegment(
    { sourcePort: 443, destinationPort: 49_152, sequence: 7, acknowledgement: 0xfffffff1, flags: 0x18, window: 500 },
    Buffer.from('hello'),
  );
  const first = ipv4Frame({ protocol: 6, source: alice, destination: bob, ttl: 57, tos: 0x2e, vlans: [100, 7] }, syn);
  const second = ipv4Frame({ protocol: 6, source: bob, destination: alice }, data);
  const { source, readers, counter } = rig([
    { timeUs: startUs + 1_500_000, bytes: first },
    { timeUs: startUs + 1_250_000, bytes: second },
  ]);
  assert.equal(source.poll(100), PollStatus.end);
  const hashes: number[] = [];
  let seen = 0;
  drain(readers[0] as RingReader, (packet) => {
    seen += 1;
    hashes.push(packet.flowHash);
    assert.equal(packet.sequence, seen);
    assert.equal(packet.packetNumber, seen);
    assert.equal(packet.ipVersion, 4);
    assert.equal(packet.protocol, 6);
    assert.equal(packet.linkType, 1);
    assert.equal(packet.etherType, 0x0800);
    assert.equal(packet.ethernetOffset, 0);
    assert.equal(packet.flags, 0);
    assert.equal(packet.isBareFragment, false);
    assert.equal(packet.tunnelCount, 0);
    assert.equal(packet.vni, 0);
    assert.equal(packet.fileId, 0);
    assert.equal(packet.interfaceId, 0);
    assert.equal(packet.timeNs, 0);
    assert.equal(packet.clockUs, startUs + 1_500_000);
    const frame = seen === 1 ? first : second;
    assert.equal(packet.wireLength, frame.length);
    assert.equal(packet.capturedLength, frame.length);
    assert.deepEqual(packet.bytes.subarray(packet.frameStart, packet.frameStart + packet.capturedLength), frame);
    if (seen === 1) {
      assert.equal(packet.timeUs, startUs + 1_500_000);
      assert.deepEqual(
        address((word) => packet.sourceWord(word)),
        v4(alice),
      );
      assert.deepEqual(
        address((word) => packet.destinationWord(word)),
        v4(bob),
      );
      assert.equal(packet.sourcePort, 49_152);
      assert.equal(packet.destinationPort, 443);
      assert.equal(packet.portsWord >>> 0, ((443 << 16) | 49_152) >>> 0);
      assert.equal(packet.headWord, RecordKind.packet | (4 << 8) | (6 << 16) | (2 << 24));
      assert.equal(packet.tcpFlags, 0x02);
      assert.equal(packet.tcpSequence >>> 0, 0xfffffff0);
      assert.equal(packet.tcpAcknowledgement, 0);
      assert.equal(packet.tcpWindow, 64_240);
      assert.equal(packet.tcpWindowScale, 7);
      assert.equal(packet.tcpMss, 1460);
      assert.equal(packet.ttl, 57);
      assert.equal(packet.trafficClass, 0x2e);
      assert.equal(packet.vlanCount, 2);
      assert.deepEqual([packet.vlan(0), packet.vlan(1), packet.vlan(2)], [100, 7, 0]);
      assert.equal(packet.networkOffset, 22);
      assert.equal(packet.transportOffset, 42);
      assert.equal(packet.networkLength, 48);
      assert.equal(packet.payloadLength, 0);
      assert.equal(packet.payloadWireLength, 0);
      assert.equal(packet.filePosition, 24);
    } else {
      assert.equal(packet.timeUs, startUs + 1_250_000);
      assert.equal(packet.sourcePort, 443);
      assert.equal(packet.tcpFlags, 0x18);
      assert.equal(packet.tcpWindowScale, 255);
      assert.equal(packet.tcpMss, 0);
      assert.equal(packet.vlanCount, 0);
      assert.equal(packet.networkOffset, 14);
      assert.equal(packet.payloadLength, 5);
      assert.equal(packet.payloadWireLength, 5);
      assert.equal(text(packet), 'hello');
      assert.equal(packet.filePosition, 24 + 16 + first.length);
    }
  });
  assert.equal(seen, 2);
  assert.equal(hashes[0], hashes[1]);
  assert.equal(counter('received_packets'), 2);
  assert.equal(counter('received_bytes'), first.length + second.length);
  assert.equal(counter('delivered_packets'), 2);
  assert.equal(counter('clock_us'), startUs + 1_500_000);
  assert.equal((readers[0] as RingReader).isDrained(), true);
});

test('ICMP, a cut payload and a tunnel cross', () => {
  const ping = ipv4Frame({ protocol: 1, source: alice, destination: bob }, Buffer.from([8, 0, 0, 0, 0x12, 0x34, 0, 1, 9]));
  const long = ipv4Frame({ protocol: 17, source: alice, destination: bob }, udpDatagram(5000, 5001, new Uint8Array(100)));
  const inner = ipv4Frame({ protocol: 17, source: bob, destination: alice }, udpDatagram(6000, 6001, Buffer.from('in')));
  const vxlan = Buffer.concat([Buffer.from([8, 0, 0, 0, 0, 0x03, 0xe8, 0]), inner]);
  const outer = ipv4Frame({ protocol: 17, source: alice, destination: bob }, udpDatagram(4000, 4789, vxlan));
  const { source, readers, counter } = rig([
    { timeUs: startUs, bytes: ping },
    { timeUs: startUs, bytes: long.subarray(0, 60), wireLength: long.length },
    { timeUs: startUs, bytes: outer },
  ]);
  assert.equal(source.poll(100), PollStatus.end);
  let seen = 0;
  drain(readers[0] as RingReader, (packet) => {
    seen += 1;
    if (seen === 1) {
      assert.equal(packet.protocol, 1);
      assert.equal(packet.icmpType, 8);
      assert.equal(packet.icmpCode, 0);
    } else if (seen === 2) {
      assert.equal(packet.flags, PacketFlag.truncated);
      assert.equal(packet.payloadLength, 60 - 14 - 20 - 8);
      assert.equal(packet.payloadWireLength, 100);
      assert.equal(packet.capturedLength, 60);
      assert.equal(packet.wireLength, long.length);
    } else {
      assert.equal(text(packet), 'in');
      assert.equal(packet.sourcePort, 6000);
      assert.equal(packet.vni, 1000);
      assert.equal(packet.tunnelCount, 1);
      const start = packet.tunnelStart(0);
      assert.equal(packet.bytes[start + TunnelLayout.type], TunnelType.vxlan);
      assert.equal(packet.bytes[start + TunnelLayout.ipVersion], 4);
      assert.equal(packet.bytes.readUInt16LE(start + TunnelLayout.sourcePort), 4000);
      assert.equal(packet.bytes.readUInt16LE(start + TunnelLayout.destinationPort), 4789);
      assert.equal(packet.bytes.readUInt32LE(start + TunnelLayout.id), 1000);
      const outerSource = start + TunnelLayout.sourceAddress;
      assert.deepEqual([...packet.bytes.subarray(outerSource, outerSource + 16)], v4(alice));
    }
  });
  assert.equal(seen, 3);
  assert.equal(counter('tunnels_packets'), 1);
});

test('a small ring wraps many times, fills, and loses nothing', () => {
  const count = 500;
  const frames = udpFrames(count, 300).map((frame, index) => ({ ...frame, bytes: frame.bytes.subarray(0, 60 + (index % 280)) }));
  const { source, readers, counter, lot } = rig(frames, { capacityBytes: 4096 });
  const reader = readers[0] as RingReader;
  let seen = 0;
  let full = 0;
  for (;;) {
    const status = source.poll(50);
    assert.equal(counter('received_packets'), counter('delivered_packets'));
    if (status === PollStatus.ringFull) {
      full += 1;
      assert.equal(Atomics.load(lot.words, 0), 1);
      assert.equal(source.poll(50), PollStatus.ringFull);
    }
    drain(reader, (packet) => {
      const frame = frames[seen] as CapturedFrame;
      seen += 1;
      assert.equal(packet.sequence, seen);
      assert.equal(packet.sourcePort, 10_000 + seen - 1);
      assert.deepEqual(packet.bytes.subarray(packet.frameStart, packet.frameStart + packet.capturedLength), frame.bytes);
    });
    if (status === PollStatus.end) break;
  }
  assert.equal(seen, count);
  assert.ok(full > 20);
  assert.equal(counter('delivered_packets'), count);
  assert.equal(counter('dropped_ring_full_packets'), 0);
  const state = ringState(reader.parts);
  assert.equal(state.closed, true);
  assert.equal(state.usedBytes, 0);
  assert.ok(state.highWaterBytes > 3000 && state.highWaterBytes <= 4096);
});

test('polls in the thread pool fill a ring, wake its consumer and end like those of this thread', async () => {
  const { source, readers, lot, counter } = rig(udpFrames(600, 100), { capacityBytes: 16_384 });
  const reader = readers[0] as RingReader;
  const ports: number[] = [];
  let full = 0;
  lot.raise(1);
  for (let status: number = PollStatus.progress; status !== PollStatus.end; ) {
    status = await source.pollInPool(50);
    assert.equal(lot.wake(1), false, 'the consumer was woken');
    if (status === PollStatus.ringFull) full += 1;
    if (status !== PollStatus.progress) drain(reader, (packet) => ports.push(packet.sourcePort));
    lot.raise(1);
  }
  assert.deepEqual(
    ports,
    Array.from({ length: 600 }, (_, index) => 10_000 + index),
  );
  assert.ok(full > 3, `${full}`);
  assert.equal(counter('received_packets'), 600);
});

test('flows are spread over workers, both directions of one on the same', () => {
  const frames = Array.from({ length: 200 }, (_, flow) => [
    {
      timeUs: startUs,
      bytes: ipv4Frame({ protocol: 17, source: alice, destination: bob }, udpDatagram(2000 + flow, 53, Buffer.from('q'))),
    },
    {
      timeUs: startUs,
      bytes: ipv4Frame({ protocol: 17, source: bob, destination: alice }, udpDatagram(53, 2000 + flow, Buffer.from('r'))),
    },
  ]).flat();
  const { source, readers } = rig(frames, { workers: 4, capacityBytes: 1 << 18 });
  assert.equal(source.poll(1000), PollStatus.end);
  const flows = new Set<number>();
  for (const reader of readers) {
    const ofWorker = new Map<number, number>();
    drain(reader, (packet) => {
      const client = Math.max(packet.sourcePort, packet.destinationPort);
      ofWorker.set(client, (ofWorker.get(client) ?? 0) + 1);
    });
    assert.ok(ofWorker.size > 20);
    for (const [client, packets] of ofWorker) {
      assert.equal(packets, 2);
      flows.add(client);
    }
  }
  assert.equal(flows.size, 200);
});

test('a reassembled datagram lies behind the frame that completes it', () => {
  const payload = Buffer.from('0123456789abcdefghijklmnopqrstuv');
  const datagram = udpDatagram(7000, 53, payload);
  const base = { protocol: 17, source: alice, destination: bob, id: 99 };
  const { source, readers, counter } = rig([
    { timeUs: startUs, bytes: ipv4Frame({ ...base, fragment: 0x2000 }, datagram.subarray(0, 24)) },
    { timeUs: startUs + 1, bytes: ipv4Frame({ ...base, fragment: 3 }, datagram.subarray(24)) },
  ]);
  assert.equal(source.poll(100), PollStatus.end);
  const seen: [boolean, string, number][] = [];
  drain(readers[0] as RingReader, (packet) => seen.push([packet.isBareFragment, text(packet), packet.sourcePort]));
  assert.deepEqual(seen, [
    [true, '', 7000],
    [false, payload.toString(), 7000],
  ]);
  assert.equal(counter('fragments_packets'), 2);
  assert.equal(counter('fragments_reassembled'), 1);
});

test('a sleeping consumer is woken and a damaged file is told', () => {
  const whole = pcapFile(udpFrames(10, 20));
  const { source, readers, lot, counter } = rig(whole.subarray(0, whole.length - 5));
  lot.raise(1);
  let status = source.poll(100);
  while (status === PollStatus.progress) status = source.poll(100);
  assert.equal(status, PollStatus.end);
  assert.equal(Atomics.load(lot.words, lot.indexOf(1)), 0);
  let seen = 0;
  drain(readers[0] as RingReader, () => {
    seen += 1;
  });
  assert.equal(seen, 9);
  assert.equal(counter('file_errors'), 1);
  assert.match(source.takeNotice() ?? '', /damaged/);
  assert.equal(source.takeNotice(), null);
});

test('a stopped source ends and closes its rings', () => {
  const { source, readers, counter } = rig(udpFrames(50, 20));
  assert.equal(source.poll(10), PollStatus.progress);
  source.stop();
  assert.equal(source.poll(10), PollStatus.end);
  assert.equal(counter('received_packets'), 10);
  drain(readers[0] as RingReader, () => {});
  assert.equal((readers[0] as RingReader).isDrained(), true);
});

test('a filter leaves packets out and counts them', (context) => {
  let made: Rig;
  try {
    made = rig(udpFrames(30, 20), { options: { path: { filter: 'udp src portrange 10003-10007' } } });
  } catch (error) {
    if (error instanceof SensorError && error.code === 'RT_FILTER_LIBRARY') return context.skip('libpcap is not installed');
    throw error;
  }
  const { source, readers, counter } = made;
  assert.equal(source.poll(100), PollStatus.end);
  const numbers: number[] = [];
  drain(readers[0] as RingReader, (packet) => numbers.push(packet.packetNumber));
  assert.deepEqual(numbers, [4, 5, 6, 7, 8]);
  assert.equal(counter('received_packets'), 30);
  assert.equal(counter('delivered_packets'), 5);
  assert.equal(counter('dropped_filtered_packets'), 25);
});

test('a file that is no capture is an error that says what is read', () => {
  assert.throws(
    () => rig(Buffer.from('this is not a capture file')),
    (error) => error instanceof SensorError && error.code === 'RT_SOURCE_FORMAT' && error.message.includes('pcapng'),
  );
});

test('a file that does not exist is an error that names it', () => {
  assert.throws(
    () => rig([], { options: { inputs: [join(folder, 'missing.pcap')] } }),
    (error) => error instanceof SensorError && error.code === 'RT_SOURCE_OPEN' && error.message.includes('missing.pcap'),
  );
});

test('a ring of another producer is refused', () => {
  const path = join(folder, 'refused.pcap');
  writeFileSync(path, pcapFile(udpFrames(1, 1)));
  const lot = ParkingLot.create(3);
  const counters = new Float64Array(new SharedArrayBuffer(captureCounters.length * 8));
  const ring = createRing({ capacityBytes: 4096, producerPark: 2, consumerPark: 1 });
  assert.throws(
    () => openFiles({ inputs: [path] }, { rings: [ring], lot, parkWord: 0, counters }),
    (error) => error instanceof SensorError && error.code === 'RT_RING' && error.message.includes('parks on word 2'),
  );
  const own = createRing({ capacityBytes: 4096, producerPark: 0, consumerPark: 1 });
  assert.throws(
    () => openFiles({ inputs: [path] }, { rings: [own], lot, parkWord: 0, counters: counters.subarray(1) }),
    (error) => error instanceof SensorError && error.code === 'RT_RING' && error.message.includes('counter block'),
  );
});
