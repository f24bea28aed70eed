// What the session engine of a packet worker talks to: counts records and routes them to the outputs with their logical
// time. One a worker; never calls the engine but for its clock.

import type { CounterBlock } from '../counters/index.ts';
import {
  type Anomaly,
  anomalyRecordType,
  type CaptureFile,
  fileRecordType,
  type RecordRegistry,
  type RecordType,
  type SessionEnd,
  type SessionFacts,
} from '../record/index.ts';
import type { SessionRun, SessionSink } from '../session/index.ts';
import type { OutputRoom } from './output-room.ts';
import type { RecordCounters } from './record-counters.ts';
import type { RecordRouter } from './record-router.ts';
import { RecordRun } from './record-run.ts';

/** Logical times; the session engine fits. */
export interface LogicalClock {
  readonly eventUs: number;
  readonly watermarkUs: number;
}

export class RecordSink implements SessionSink {
  readonly run: SessionRun | undefined;
  readonly #registry: RecordRegistry;
  readonly #router: RecordRouter;
  readonly #names: RecordCounters;
  readonly #counters: CounterBlock;
  readonly #sessionNumber: number;
  readonly #room: OutputRoom | undefined;
  #clock: LogicalClock | undefined;
  #watermarkUs = Number.NEGATIVE_INFINITY;
  /** The decoders' record type of the last record and its number; most records are of the type of the one before. */
  #lastType: unknown = undefined;
  #lastNumber = 0;
  /** The last session's list of protocols, and the counter of the first of them. Equal lists are one object. */
  #lastProtocols: readonly string[] = [];
  #lastProtocolCounter: number | undefined = undefined;

  /** `room`: where outputs run on the worker's own thread. */
  constructor(
    registry: RecordRegistry,
    router: RecordRouter,
    names: RecordCounters,
    counters: CounterBlock,
    room?: OutputRoom | undefined,
  ) {
    this.#registry = registry;
    this.#router = router;
    this.#names = names;
    this.#counters = counters;
    this.#room = room;
    this.#sessionNumber = registry.numberOf(registry.session as RecordType<never>);
    const alone = router.alone(this.#sessionNumber, registry.session as RecordType<never>);
    this.run = alone === undefined ? undefined : new RecordRun(alone.link, alone.encoding, this.#sessionNumber, this);
  }

  /** The engine is made with its sink, so it comes second. */
  setClock(clock: LogicalClock): void {
    this.#clock = clock;
  }

  get isCrowded(): boolean {
    return this.#room?.isCrowded === true;
  }

  session(facts: SessionFacts, reason: SessionEnd, _timeUs: number): void {
    if (reason !== 'part') this.ended(facts.protocols, 1);
    this.#route(this.#sessionNumber, this.#registry.session, facts, facts, facts.startUs);
  }

  record<R>(type: RecordType<R>, record: R, facts: SessionFacts, timeUs: number): void {
    if (type !== this.#lastType) {
      this.#lastNumber = this.#registry.numberOf(type as RecordType<never>);
      this.#lastType = type;
    }
    this.#route(this.#lastNumber, type, record, facts, timeUs);
  }

  anomaly(anomaly: Anomaly, facts: SessionFacts, timeUs: number): void {
    this.#count(this.#names.ofAnomaly.get(anomaly.name));
    this.#route(this.#registry.numberOf(anomalyRecordType as RecordType<never>), anomalyRecordType, anomaly, facts, timeUs);
  }

  /** A capture file is begun; its record comes before any session that points into it. */
  file(file: CaptureFile): void {
    this.#route(this.#registry.numberOf(fileRecordType as RecordType<never>), fileRecordType, file, undefined, file.startUs);
  }

  /** Ends a batch: outputs see its records. */
  publish(urgent = true): void {
    this.#watermarkUs = Math.max(this.#watermarkUs, this.#clock?.watermarkUs ?? Number.NEGATIVE_INFINITY);
    this.#router.publish(this.#watermarkUs, urgent);
  }

  close(): void {
    this.#router.close();
  }

  /** No record gets a smaller order time: what ends with the source ends at its last moment, whenever its session was last heard of. */
  get floorUs(): number {
    return this.#watermarkUs;
  }

  /** Records of sessions that were routed in a run. */
  routed(records: number): void {
    this.#count(this.#names.ofType[this.#sessionNumber], records);
  }

  /** So many sessions have ended that had these protocols. */
  ended(protocols: readonly string[], sessions: number): void {
    if (protocols.length === 0) return;
    if (protocols !== this.#lastProtocols) {
      this.#lastProtocols = protocols;
      this.#lastProtocolCounter = this.#names.ofProtocol.get(protocols[0] as string);
    }
    this.#count(this.#lastProtocolCounter, sessions);
    for (let index = 1; index < protocols.length; index++) {
      this.#count(this.#names.ofProtocol.get(protocols[index] as string), sessions);
    }
  }

  #route<R>(number: number, type: RecordType<R>, record: R, facts: SessionFacts | undefined, timeUs: number): void {
    this.#count(this.#names.ofType[number]);
    const eventUs = this.#clock?.eventUs ?? 0;
    this.#router.route(number, type, record, facts, timeUs, eventUs > this.#watermarkUs ? eventUs : this.#watermarkUs);
  }

  #count(index: number | undefined, by = 1): void {
    if (index !== undefined) this.#counters[index] = (this.#counters[index] as number) + by;
  }
}
