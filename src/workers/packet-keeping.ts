// The packets of one packet worker on their way to outputs that take packets: the store that gives them places in files, and the
// streams beside it. Made from what the supervisor says; wraps what the loop feeds and what ends its batches.

import { openCounterBlock } from '../counters/index.ts';
import { type PacketView, packetsIn } from '../packet/index.ts';
import { FileDesk } from '../pcap/index.ts';
import { type Abort, PacketFiles, PacketLink, PacketStream } from '../pipeline/index.ts';
import type { CaptureFile } from '../record/index.ts';
import { type ParkingLot, RingWriter } from '../ring/index.ts';
import type { BatchEnd, PacketSink } from './packet-loop.ts';
import type { PacketWorkerData } from './protocol.ts';

export class PacketKeeping {
  /** Undefined: no output stores packets. */
  readonly store: PacketFiles | undefined;
  readonly #streams: readonly PacketStream[];

  /** `begun` is told of each file before its first packet. */
  constructor(data: PacketWorkerData, lot: ParkingLot, abort: Abort, begun: (file: CaptureFile) => void) {
    const streams: PacketStream[] = [];
    let store: PacketFiles | undefined;
    for (const { ring, policy, form, desk, counters } of data.packets) {
      const link = new PacketLink(new RingWriter(ring, lot), policy, openCounterBlock(counters), abort);
      if (form.kind === 'stream') streams.push(new PacketStream(link, data.inputs.length, data.live));
      else if (desk !== undefined) store = new PacketFiles({ form, desk: new FileDesk(desk), link, begun });
    }
    this.store = store;
    this.#streams = streams;
  }

  /** What the loop feeds: `engine`, and the streams before it. */
  sink(engine: PacketSink): PacketSink {
    const streams = this.#streams;
    if (streams.length === 0) return engine;
    return {
      take: (view, source, from, to, done) => {
        const position = engine.take(view, source, from, to, done);
        for (const at of packetsIn(view, from, position)) {
          view.at(at);
          for (const stream of streams) stream.packet(view, source);
        }
        return position;
      },
      packet: (view: PacketView, source: number) => {
        for (let index = 0; index < streams.length; index++) (streams[index] as PacketStream).packet(view, source);
        engine.packet(view, source);
      },
      advance: (clockUs, source) => {
        for (const stream of streams) stream.advance(clockUs, source);
        engine.advance(clockUs, source);
      },
      finish: () => engine.finish(),
    };
  }

  /** What ends a batch: `end`, and the outputs see the packets too. */
  end(end: BatchEnd): BatchEnd {
    const { store } = this;
    const all = store === undefined ? this.#streams : [...this.#streams, store];
    if (all.length === 0) return end;
    return {
      publish: (urgent) => {
        for (const each of all) each.publish(urgent);
        end.publish(urgent);
      },
      close: () => {
        for (const each of all) each.close();
        end.close();
      },
    };
  }
}
