// What a flow needs of the engine that owns it.

import type { CounterBlock } from '../counters/index.ts';
import type { Decoder, Direction, Recognizer } from '../decoders/index.ts';
import type { Anomaly, ByteText, JsonText, RecordType, SessionField } from '../record/index.ts';
import type { FirstBytes } from './first-bytes.ts';
import type { Flow } from './flow.ts';
import type { SessionNotes } from './notes.ts';
import type { StreamSide } from './stream-side.ts';

export interface FlowHost {
  readonly counters: CounterBlock;
  readonly recognizer: Recognizer;
  readonly notes: SessionNotes;
  readonly kept: FirstBytes;
  /** Decoder for the first bytes `[from, to)` of a direction, as `Recognizer.recognise` answers. */
  recognise(slot: number, direction: Direction, bytes: Buffer, from: number, to: number): number;
  /**
   * Decoder for a direction with its next payload `[from, to)`, behind the bytes kept of it; while that is undecided, the payload is
   * kept too. Once it is decided, only what was kept before is left, which the decoder is to have first.
   * @param start sequence number of the payload
   * @param after sequence number after it, also after what of it was not captured
   */
  recogniseNext(
    slot: number,
    direction: Direction,
    bytes: Buffer,
    from: number,
    to: number,
    start: number,
    after: number,
    timeUs: number,
  ): number;
  /** Lets a side of a flow begin where its direction stands. */
  startSide(flow: Flow, side: StreamSide): void;
  /** A decoder for a flow, new or used before. */
  takeDecoder(index: number, flow: Flow): Decoder;
  /** The flow's decoder has ended or holds nothing. */
  giveBackDecoder(index: number, decoder: Decoder, flow: Flow): void;
  /** The flow's session belongs to a decoder. */
  recognised(flow: Flow, index: number): void;
  /** Arkime's document is written. */
  readonly details: boolean;
  /** The flow's decoder adds a value to the session's record. */
  note(flow: Flow, field: SessionField, value: ByteText | JsonText | string | number | boolean): void;
  /** The flow's session speaks a protocol besides that of its decoder. */
  named(flow: Flow, name: string): void;
  /** Are the 4 or 16 bytes at `at` the address of direction 0's sender? */
  isClientAddress(flow: Flow, bytes: Uint8Array, at: number, length: number): boolean;
  emitRecord<R>(flow: Flow, type: RecordType<R>, record: R, timeUs: number): void;
  emitAnomaly(flow: Flow, anomaly: Anomaly, timeUs: number): void;
  /** Nobody wants the session's payload any more. */
  payloadUnwanted(flow: Flow): void;
  /** Bytes that were never captured have been acknowledged by their receiver. */
  tcpHoleAcked(flow: Flow, timeUs: number): void;
}
