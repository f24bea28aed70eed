// The memory between the threads of a run: the parking lot with a word for each, and the rings that join them. Made by the
// supervisor on the main thread; moves no record.

import type { Config } from '../config/index.ts';
import { closeAbandonedRing, createRing, maxRingBytes, openRing, ParkingLot, type RingState, ringState } from '../ring/index.ts';
import type { PacketOutputs } from './packet-outputs.ts';

export interface RingStatus extends RingState {
  readonly from: string;
  readonly to: string;
}

/** Anybody with a name; the main thread's rings come last and have none of theirs. */
type Named = readonly { readonly name: string }[];

export class RunRings {
  readonly lot: ParkingLot;
  /** [capture][packet worker] */
  readonly packet: readonly SharedArrayBuffer[][];
  /** [output][packet worker, then main] */
  readonly output: readonly SharedArrayBuffer[][];
  /** Whether the packet worker can share the main thread with all outputs: their rings hold whatever a batch yields. */
  readonly hasRoom: boolean;
  readonly #outputs: Config['outputs'];
  readonly #captures: number;
  readonly #packetWorkers: number;

  /** `roomy`: the packet worker is to have no thread; that is not done where the machine does not lend the memory. */
  constructor({ workers, outputs }: Config, captures: number, packetWorkers: number, takers: PacketOutputs, roomy: boolean) {
    this.#outputs = outputs;
    this.#captures = captures;
    this.#packetWorkers = packetWorkers;
    this.lot = ParkingLot.create(1 + captures + packetWorkers + outputs.length);
    this.packet = Array.from({ length: captures }, (_capture, capture) =>
      Array.from({ length: packetWorkers }, (_worker, worker) =>
        createRing({
          capacityBytes: workers.ring_bytes,
          producerPark: this.parkOfCapture(capture),
          consumerPark: this.parkOfPacket(worker),
        }),
      ),
    );
    const roomyRings = roomy ? this.#roomyRings() : undefined;
    this.hasRoom = roomyRings !== undefined;
    this.output = outputs.map(({ common }, output) => {
      const ringFrom = (producerPark: number): SharedArrayBuffer =>
        createRing({
          capacityBytes: takers.ringBytes(output, common.ring_bytes),
          producerPark,
          consumerPark: this.parkOfOutput(output),
        });
      const rings =
        roomyRings === undefined
          ? Array.from({ length: packetWorkers }, (_, worker) => ringFrom(this.parkOfPacket(worker)))
          : [roomyRings[output] as SharedArrayBuffer];
      return takers.takes(output) ? rings : [...rings, ringFrom(0)];
    });
  }

  parkOfCapture(index: number): number {
    return 1 + index;
  }

  parkOfPacket(index: number): number {
    return 1 + this.#captures + index;
  }

  parkOfOutput(index: number): number {
    return 1 + this.#captures + this.#packetWorkers + index;
  }

  /** How much of the ring to an output is meant to be used where it `hasRoom`; undefined: all of it. */
  softBytes(output: number): number | undefined {
    const ringBytes = this.#outputs[output]?.common.ring_bytes as number;
    return this.hasRoom ? Math.min(ringBytes, maxRingBytes / 4) : undefined;
  }

  /** Closes those to outputs, whose packet workers will not close them any more. */
  closeOutputs(): void {
    for (const rings of this.output) for (const ring of rings) closeAbandonedRing(ring, this.lot);
  }

  /** Fill level of every ring. */
  status(captures: Named, packets: Named, outputs: Named): RingStatus[] {
    const between = (rings: readonly SharedArrayBuffer[][], from: (row: number, worker: number) => string, to: typeof from) =>
      rings.flatMap((row, index) =>
        row.map((ring, worker) => ({ from: from(index, worker), to: to(index, worker), ...ringState(openRing(ring)) })),
      );
    const packetWorker = (_: number, worker: number): string => packets[worker]?.name ?? 'main';
    return [
      ...between(this.packet, (capture) => captures[capture]?.name ?? 'main', packetWorker),
      ...between(this.output, packetWorker, (output) => outputs[output]?.name ?? 'main'),
    ];
  }

  /**
   * Rings that no batch of records fills, whatever it is: nobody takes any meanwhile. Memory that nothing was written to costs none, and
   * the packet worker sees to it that this is nearly all (`OutputRoom`).
   */
  #roomyRings(): SharedArrayBuffer[] | undefined {
    try {
      return this.#outputs.map((_, output) =>
        createRing({
          capacityBytes: maxRingBytes,
          producerPark: this.parkOfPacket(0),
          consumerPark: this.parkOfOutput(output),
        }),
      );
    } catch {
      return undefined;
    }
  }
}
