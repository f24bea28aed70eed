// One packet worker's packets for an output that writes them all into one file: each goes into the ring as it is, with what puts
// those of all workers back into one order (the source's clock, which never goes back, then the packet's number). Beside
// the session engine; knows no sessions and gives no positions.

import type { PacketView } from '../packet/index.ts';
import { ChunkType, FrameLayout, snapLength } from '../pcap/index.ts';
import { PacketFlag, RecordKind } from '../ring/index.ts';
import type { PacketLink } from './packet-link.ts';

/** `epb_flags` of pcapng. */
const inbound = 1;
const outbound = 2;

export class PacketStream {
  readonly #link: PacketLink;
  readonly #live: boolean;
  /** By source; +Infinity: it has ended. */
  readonly #clocks: Float64Array;
  #told = Number.NEGATIVE_INFINITY;

  /** `live`: packets come from interfaces, and their direction is known. */
  constructor(link: PacketLink, sources: number, live: boolean) {
    this.#link = link;
    this.#live = live;
    this.#clocks = new Float64Array(sources).fill(Number.NEGATIVE_INFINITY);
  }

  packet(view: PacketView, source: number): void {
    const link = this.#link;
    const clocks = this.#clocks;
    const clockUs = view.clockUs;
    if (clockUs > (clocks[source] as number)) clocks[source] = clockUs;
    link.offered();
    const captured = Math.min(view.capturedLength, snapLength);
    const length = FrameLayout.size + captured;
    const at = link.reserve(length);
    if (at < 0) {
      link.refused(link.refusal);
      return;
    }
    const { writer } = link;
    const { data, words, doubles } = writer;
    const clock = clocks[source] as number;
    data[at + FrameLayout.type] = ChunkType.packet;
    data.writeUInt16LE(source, at + FrameLayout.source);
    doubles[(at + FrameLayout.clockUs) >> 3] = clock === Number.NEGATIVE_INFINITY ? view.timeUs : clock;
    words[(at + FrameLayout.number) >> 2] = view.packetNumber;
    data.writeUInt16LE(view.linkType, at + FrameLayout.linkType);
    data.writeUInt16LE(view.interfaceId, at + FrameLayout.interfaceId);
    doubles[(at + FrameLayout.timeUs) >> 3] = view.timeUs;
    words[(at + FrameLayout.captured) >> 2] = captured;
    words[(at + FrameLayout.wire) >> 2] = view.wireLength;
    data.writeUInt16LE(view.timeNs, at + FrameLayout.timeNs);
    data.writeUInt16LE(
      this.#live ? ((view.flags & PacketFlag.outgoing) === 0 ? inbound : outbound) : 0,
      at + FrameLayout.direction,
    );
    const frame = view.frameStart;
    view.bytes.copy(data, at + FrameLayout.size, frame, frame + captured);
    writer.commit(length, RecordKind.record);
    link.put(captured, 0);
  }

  /** +Infinity: the source has ended. */
  advance(clockUs: number, source: number): void {
    if (clockUs > (this.#clocks[source] as number)) this.#clocks[source] = clockUs;
  }

  publish(urgent = true): void {
    const { writer } = this.#link;
    let least = Number.POSITIVE_INFINITY;
    for (const clock of this.#clocks) if (clock < least) least = clock;
    if (least > this.#told) {
      // Left out when the ring is full: the next one will do.
      const at = writer.claim(FrameLayout.clockUs + 8);
      if (at >= 0) {
        writer.data[at + FrameLayout.type] = ChunkType.watermark;
        writer.doubles[(at + FrameLayout.clockUs) >> 3] = least;
        writer.commit(FrameLayout.clockUs + 8, RecordKind.record);
        this.#told = least;
      }
    }
    writer.publish(urgent);
  }

  close(): void {
    this.#link.writer.close();
  }
}
