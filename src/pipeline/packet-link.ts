// A packet worker's end of the ring to an output that takes packets: room with a policy for when it is full, and counters.
// Packets that are not kept are counted as frames; the packets themselves have been handled all the same.

import { type CounterBlock, defineCounters } from '../counters/index.ts';
import type { RingWriter } from '../ring/index.ts';
import type { Abort } from './output-link.ts';

export const packetLinkCounters = defineCounters('packet_ring', {
  offered_frames: { help: 'Packets that an output was to keep.', account: 'received' },
  stored_bytes: { help: 'Bytes of packets put into capture files that sessions point into.' },
  bytes: { help: 'Bytes put into the ring of an output that keeps packets.' },
  dropped_full_frames: {
    help: 'Packets not kept because the ring of an output that may drop was full.',
    dropped: { stage: 'kept', reason: 'ring_full' },
  },
  dropped_disk_frames: {
    help: 'Packets not kept because the disk was full or failed.',
    dropped: { stage: 'kept', reason: 'disk_full' },
  },
  dropped_no_file_frames: {
    help: 'Packets not kept because there was no file to put them into yet.',
    dropped: { stage: 'kept', reason: 'no_file' },
  },
  dropped_link_types_frames: {
    help: 'Packets not kept because a worker saw more link types than it keeps files open.',
    dropped: { stage: 'kept', reason: 'link_types' },
  },
  dropped_stopped_frames: {
    help: 'Packets not kept because the run ended while the ring was full.',
    dropped: { stage: 'kept', reason: 'stopped' },
  },
  overdue_files: { help: 'Capture files that went on beyond their size or time, because there was no number for the next.' },
  lost_positions: { help: 'Positions that documents go without, because their block was written too long ago or never.' },
  waits: { help: 'Times a worker had to wait for space in the ring of an output that keeps packets.' },
});
const C = packetLinkCounters.index;

/** How long a blocked worker sleeps before it looks whether it is to stop. */
const blockedCheckMs = 500;

export type PacketPolicy = 'block' | 'drop';

/** Why a packet is not kept. */
export type Refusal = 'full' | 'disk' | 'no_file' | 'link_types' | 'stopped';

const refusals: Readonly<Record<Refusal, number>> = {
  full: C.dropped_full_frames,
  disk: C.dropped_disk_frames,
  no_file: C.dropped_no_file_frames,
  link_types: C.dropped_link_types_frames,
  stopped: C.dropped_stopped_frames,
};

export class PacketLink {
  readonly writer: RingWriter;
  readonly policy: PacketPolicy;
  readonly abort: Abort;
  readonly #counters: CounterBlock;
  /** What the last `reserve` that gave no room failed on. */
  refusal: Refusal = 'full';

  constructor(writer: RingWriter, policy: PacketPolicy, counters: CounterBlock, abort: Abort) {
    this.writer = writer;
    this.policy = policy;
    this.abort = abort;
    this.#counters = counters;
  }

  /** Offset of `bytes` reserved bytes in the ring, or -1 (see `refusal`). */
  reserve(bytes: number): number {
    const writer = this.writer;
    let offset = writer.claim(bytes);
    if (offset >= 0) return offset;
    if (this.policy === 'drop') {
      writer.publish();
      this.refusal = 'full';
      return -1;
    }
    this.#add(C.waits, 1);
    while (!this.abort.aborted) {
      writer.waitForSpace(bytes, blockedCheckMs);
      offset = writer.claim(bytes);
      if (offset >= 0) return offset;
    }
    this.refusal = 'stopped';
    return -1;
  }

  offered(): void {
    this.#add(C.offered_frames, 1);
  }

  /** `frameBytes`: of packets in them that are stored. */
  put(bytes: number, frameBytes: number): void {
    this.#add(C.bytes, bytes);
    this.#add(C.stored_bytes, frameBytes);
  }

  refused(reason: Refusal): void {
    this.#add(refusals[reason], 1);
  }

  overdue(): void {
    this.#add(C.overdue_files, 1);
  }

  lostPosition(): void {
    this.#add(C.lost_positions, 1);
  }

  #add(index: number, by: number): void {
    this.#counters[index] = (this.#counters[index] as number) + by;
  }
}
