// Packets in a ring, taken by an engine in walks as a packet worker does.

import assert from 'node:assert/strict';
import { PacketView } from '../../src/packet/index.ts';
import { createRing, PacketLayout, ParkingLot, RecordKind, RingReader, RingWriter } from '../../src/ring/index.ts';
import type { Kit } from './engine-kit.ts';
import { type PacketWords, RingFeeder } from './ring-feeder.ts';

/** A ring into which packets are put, and what hears how many of them are handled. */
export function ringWith() {
  const lot = ParkingLot.create(3);
  const ring = createRing({ capacityBytes: 65_536, producerPark: 1, consumerPark: 2 });
  const writer = new RingWriter(ring, lot);
  const reader = new RingReader(ring, lot);
  const feed = new RingFeeder();
  const put = (words: PacketWords): void => {
    const packet = feed.packet(words);
    const length = packet.bytes.readUInt32LE(PacketLayout.length);
    const at = writer.claim(length);
    packet.bytes.copy(writer.data, at + 5, 5, length);
    writer.commit(length, RecordKind.packet);
  };
  const progress = {
    packets: 0,
    upTo(more: number): void {
      this.packets += more;
    },
  };
  return { writer, reader, view: new PacketView(reader.data), put, progress };
}

/** Lets an engine take packets and finish; `size` of them are published at a time. */
export function takeInWalks({ engine }: Kit, packets: readonly PacketWords[], size: number): void {
  const { writer, reader, view, put, progress } = ringWith();
  for (let from = 0; from < packets.length; from += size) {
    const some = packets.slice(from, from + size);
    for (const words of some) put(words);
    writer.publish();
    while (reader.begin() > 0) {
      reader.passed(engine.take(view, 0, reader.position, reader.end, progress));
      const at = reader.next();
      if (at < 0) continue;
      engine.packet(view.at(at));
      progress.upTo(1);
    }
    assert.equal(progress.packets, Math.min(packets.length, from + size));
    reader.release();
  }
  engine.finish();
}
