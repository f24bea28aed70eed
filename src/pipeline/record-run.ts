// Records of sessions that end many at a time: the ring of the one output that wants them lends its room, and they are counted as if
// each had been routed by itself. Runs on packet workers.

import type { EcsRecord, FactPlan, SessionField } from '../record/index.ts';
import type { SessionRun } from '../session/index.ts';
import type { OutputLink } from './output-link.ts';

/** Who counts records, and knows how far time is. */
export interface RunSink {
  readonly floorUs: number;
  readonly isCrowded: boolean;
  /** `records` more were routed. */
  routed(records: number): void;
  ended(protocols: readonly string[], sessions: number): void;
}

export class RecordRun implements SessionRun {
  at = 0;
  end = 0;
  readonly plan: FactPlan;
  readonly notedValues: readonly SessionField[];
  readonly target: Buffer;
  readonly recordType: number;
  readonly #link: OutputLink;
  readonly #sink: RunSink;

  constructor(link: OutputLink, encoding: EcsRecord, recordType: number, sink: RunSink) {
    this.plan = encoding.plan;
    this.notedValues = encoding.notedValues;
    this.target = link.writer.data;
    this.recordType = recordType;
    this.#link = link;
    this.#sink = sink;
  }

  get floorUs(): number {
    return this.#sink.floorUs;
  }

  get isCrowded(): boolean {
    return this.#sink.isCrowded;
  }

  begin(): boolean {
    this.at = this.#link.claimMany();
    this.end = this.at + this.#link.mostBytes;
    return this.at >= 0;
  }

  finish(to: number, records: number, bytes: number): void {
    this.#link.commitMany(to - this.at, records, bytes);
    this.#sink.routed(records);
  }

  ended(protocols: readonly string[], sessions: number): void {
    this.#sink.ended(protocols, sessions);
  }
}
