// Follows what came of a capture file from the capture worker to the disks of the outputs, so that the file may be forgotten or
// deleted only when everything of it is written. Main thread; there only when a folder is read with `skip` or `delete`.
//
// A file waits, one step after another, for
//   1. its packets:   every packet ring has been read up to where it was when the file was reported
//   2. its sessions:  no session part is open that began before the file's end
//   3. its records:   every output ring has been given back up to where it was after that
//   4. the outputs:   flushed after that

import { monotonicMs } from '../monotonic-clock.ts';
import { openRing, type ParkingLot, type RingParts, ringPositions } from '../ring/index.ts';
import type { ReadFile } from './folder-watch.ts';
import { Signal } from './protocol.ts';
import { Progress } from './survey.ts';

/** A file of a folder, as its capture worker reports it. */
export interface ReportedFile extends ReadFile {
  /** The source's clock at its end, µs. */
  readonly clockUs: number;
}

export interface Surveyed {
  /** Its parking word. */
  readonly park: number;
  readonly progress: SharedArrayBuffer;
}

export interface ReadFilesOptions {
  readonly lot: ParkingLot;
  /** [capture][packet worker] */
  readonly packetRings: readonly (readonly SharedArrayBuffer[])[];
  /** [output][producer] */
  readonly outputRings: readonly (readonly SharedArrayBuffer[])[];
  readonly packets: readonly Surveyed[];
  readonly outputs: readonly Surveyed[];
  /** Everything of these files is written. */
  done(capture: number, files: readonly ReportedFile[]): void;
}

interface Waiting {
  readonly capture: number;
  readonly file: ReportedFile;
  readonly packets: Marks;
}

/** Files whose sessions are over. */
interface Leaving {
  readonly waiting: readonly Waiting[];
  readonly records: Marks;
  /** Once the records are taken: the answers that the outputs will have given after their flush. */
  flushed: readonly number[] | undefined;
}

const stepMs = 100;
/** A survey looks at all sessions. */
const surveyEveryMs = 1000;
/** Sessions and file ends are told in milliseconds. */
const roundingUs = 1000;

/** Positions of rings' producers. */
class Marks {
  readonly #rings: readonly RingParts[];
  readonly #tails: readonly number[];

  constructor(rings: readonly RingParts[]) {
    this.#rings = rings;
    this.#tails = rings.map((ring) => ringPositions(ring).tail);
  }

  /** Whether the consumers have given everything back that was before them. */
  get passed(): boolean {
    return this.#rings.every((ring, index) => ((ringPositions(ring).head - (this.#tails[index] as number)) | 0) >= 0);
  }
}

export class ReadFiles {
  readonly #options: ReadFilesOptions;
  readonly #packetRings: readonly (readonly RingParts[])[];
  readonly #outputRings: readonly RingParts[];
  readonly #workers: readonly Progress[];
  readonly #outputs: readonly Progress[];
  #waiting: Waiting[] = [];
  #leaving: Leaving | undefined;
  /** The answers that packet workers will have given to the survey that is under way. */
  #asked: readonly number[] | undefined;
  /** Files whose packets had been handled when it was asked. */
  #candidates: readonly Waiting[] = [];
  #nextSurveyMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ReadFilesOptions) {
    this.#options = options;
    this.#packetRings = options.packetRings.map((rings) => rings.map(openRing));
    this.#outputRings = options.outputRings.flat().map(openRing);
    this.#workers = options.packets.map(({ progress }) => new Progress(progress));
    this.#outputs = options.outputs.map(({ progress }) => new Progress(progress));
  }

  /** A capture worker has delivered the last packet of a file. */
  add(capture: number, file: ReportedFile): void {
    this.#waiting.push({ capture, file, packets: new Marks(this.#packetRings[capture] ?? []) });
    this.#timer ??= setInterval(() => this.#step(), stepMs).unref();
  }

  /** The run is over: with `complete` everything was drained and written, and all files are done; else none is any more. */
  end(complete: boolean): void {
    clearInterval(this.#timer);
    const left = [...(this.#leaving?.waiting ?? []), ...this.#waiting];
    this.#leaving = undefined;
    this.#waiting = [];
    if (complete) this.#tell(left);
  }

  /** A thread died, perhaps with a question that it will not answer: it is asked again. */
  askAgain(): void {
    this.#asked = undefined;
    if (this.#leaving !== undefined) this.#leaving.flushed = undefined;
  }

  #step(): void {
    this.#stepRecords();
    if (this.#leaving === undefined) this.#stepSessions();
    if (this.#waiting.length > 0 || this.#leaving !== undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #stepSessions(): void {
    if (this.#asked !== undefined) {
      if (!hasAnswered(this.#workers, this.#asked)) return;
      this.#asked = undefined;
      const over = new Set(this.#candidates.filter((waiting) => this.#isOver(waiting)));
      if (over.size === 0) return;
      this.#waiting = this.#waiting.filter((waiting) => !over.has(waiting));
      this.#leaving = { waiting: [...over], records: new Marks(this.#outputRings), flushed: undefined };
      return;
    }
    const nowMs = monotonicMs();
    if (nowMs < this.#nextSurveyMs) return;
    this.#candidates = this.#waiting.filter(({ packets }) => packets.passed);
    if (this.#candidates.length === 0) return;
    this.#nextSurveyMs = nowMs + surveyEveryMs;
    this.#asked = this.#ask(this.#options.packets, this.#workers);
  }

  #isOver({ capture, file }: Waiting): boolean {
    return this.#workers.every(({ oldestUs }) => (oldestUs[capture] as number) > file.clockUs + roundingUs);
  }

  #stepRecords(): void {
    const leaving = this.#leaving;
    if (leaving === undefined) return;
    if (leaving.flushed === undefined) {
      if (leaving.records.passed) leaving.flushed = this.#ask(this.#options.outputs, this.#outputs);
      return;
    }
    if (!hasAnswered(this.#outputs, leaving.flushed)) return;
    this.#leaving = undefined;
    this.#tell(leaving.waiting);
  }

  /** Asks threads how far they are; gives the numbers of the answers to wait for. One question is under way at a time. */
  #ask(threads: readonly Surveyed[], progress: readonly Progress[]): number[] {
    const expected = progress.map(({ answers }) => answers + 1);
    for (const { park } of threads) this.#options.lot.signal(park, Signal.survey);
    return expected;
  }

  #tell(waiting: readonly Waiting[]): void {
    for (const capture of new Set(waiting.map((each) => each.capture)))
      this.#options.done(
        capture,
        waiting.filter((each) => each.capture === capture).map(({ file }) => file),
      );
  }
}

function hasAnswered(progress: readonly Progress[], expected: readonly number[]): boolean {
  return progress.every(({ answers }, index) => ((answers - (expected[index] as number)) | 0) >= 0);
}
