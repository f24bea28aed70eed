// What the main thread itself puts into the rings of outputs: stats records, and those of capture files that an output has
// finished or deleted. It must not wait for an output: a stats record that does not fit is lost and counted, one of a file is kept
// until there is room, because documents would point into a file that nobody knows the end of.

import { type OutputFormat, type OutputLink, type RecordEncoder, RecordRouter, type RoutedOutput } from '../pipeline/index.ts';
import {
  type CaptureFile,
  fileRecordType,
  type RecordRegistry,
  type RecordType,
  type StatsSnapshot,
  statsRecordType,
} from '../record/index.ts';

const retryMs = 50;
/** Files that wait for room; more are lost with their counters in the link. */
const waitingMost = 10_000;

export class MainRecords {
  readonly #registry: RecordRegistry;
  readonly #router: RecordRouter;
  readonly #links: readonly OutputLink[];
  #waiting: CaptureFile[] = [];
  #timer: NodeJS.Timeout | undefined;
  #ending = false;
  #closed = false;

  constructor(
    registry: RecordRegistry,
    encoders: Readonly<Partial<Record<OutputFormat, RecordEncoder>>>,
    outputs: readonly RoutedOutput[],
  ) {
    this.#registry = registry;
    this.#router = new RecordRouter(registry, encoders, outputs);
    this.#links = outputs.map(({ link }) => link);
  }

  stats(stats: StatsSnapshot): void {
    if (!this.#closed) this.#route(statsRecordType, stats, Date.now() * 1000);
  }

  file(file: CaptureFile): void {
    if (this.#closed) return;
    if (this.#waiting.length < waitingMost) this.#waiting.push(file);
    this.#drain();
  }

  /** Nothing more will come; the rings are closed once everything is in them. `now`: whether it is or not. */
  close(now: boolean): void {
    this.#ending = true;
    if (now) this.#waiting = [];
    this.#drain();
  }

  #drain(): void {
    if (this.#closed) return;
    let taken = 0;
    for (const file of this.#waiting) {
      if (!this.#links.every((link) => link.writer.hasSpace(link.mostBytes))) break;
      this.#route(fileRecordType, file, file.finishUs ?? Date.now() * 1000);
      taken++;
    }
    this.#waiting.splice(0, taken);
    if (this.#waiting.length > 0) {
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        this.#drain();
      }, retryMs);
    } else if (this.#ending) {
      this.#closed = true;
      this.#router.close();
    }
  }

  #route<R>(type: RecordType<R>, record: R, timeUs: number): void {
    const nowUs = Date.now() * 1000;
    this.#router.route(this.#registry.numberOf(type as RecordType<never>), type, record, undefined, timeUs, nowUs);
    this.#router.publish(nowUs);
  }
}
