// Where records leave a packet worker: encodes each record once, straight into the ring of the first output that wants
// it, and copies the bytes for the others. Runs on packet workers and, for stats records, on the main thread.

import type { EcsEncoder, EcsRecord, RecordRegistry, RecordType, SessionFacts } from '../record/index.ts';
import { OutputLayout } from '../ring/index.ts';
import type { OutputLink } from './output-link.ts';

export interface RoutedOutput {
  readonly link: OutputLink;
  /** Names of the record types wanted; empty: all. */
  readonly records: readonly string[];
  /** Wants watermarks, because it puts records in order. */
  readonly ordered: boolean;
}

export class RecordRouter {
  readonly #encoder: EcsEncoder;
  readonly #links: readonly OutputLink[];
  readonly #ordered: readonly OutputLink[];
  /** By record type number. */
  readonly #wanting: readonly (readonly OutputLink[])[];
  /** By twice the type's number, and one more for records with a session. */
  readonly #encodings: (EcsRecord | undefined)[];

  constructor(registry: RecordRegistry, encoder: EcsEncoder, outputs: readonly RoutedOutput[]) {
    this.#encoder = encoder;
    this.#links = outputs.map((output) => output.link);
    this.#ordered = outputs.filter((output) => output.ordered).map((output) => output.link);
    this.#wanting = registry.types.map((type) =>
      outputs.filter((output) => output.records.length === 0 || output.records.includes(type.name)).map((output) => output.link),
    );
    this.#encodings = new Array<EcsRecord | undefined>(registry.types.length * 2).fill(undefined);
  }

  /** Encodes a record for every output that wants it. `number` is the type's in the registry, `orderUs` the record's logical time, the first key of an ordered output. */
  route<R>(
    number: number,
    type: RecordType<R>,
    record: R,
    facts: SessionFacts | undefined,
    timeUs: number,
    orderUs: number,
  ): void {
    const links = this.#wanting[number] as readonly OutputLink[];
    const orderPacket = facts === undefined ? 0 : facts.firstPacketNumber;
    const orderIndex = facts === undefined ? 0 : facts.nextRecordIndex();
    let source: Buffer | undefined;
    let from = 0;
    let to = 0;
    for (let index = 0; index < links.length; index++) {
      const link = links[index] as OutputLink;
      const target = link.writer.data;
      if (source === undefined) {
        const bytes = link.mostBytes;
        const offset = link.reserve(bytes);
        if (offset < 0) continue;
        const encoding = this.#encodings[number * 2 + (facts === undefined ? 0 : 1)] ?? this.#encodingOf(number, type, facts);
        const end = encoding.encode(record, facts, timeUs, target, offset + OutputLayout.size, offset + bytes);
        if (end < 0) {
          link.tooLarge();
          continue;
        }
        link.commit(offset, end, number, orderUs, orderPacket, orderIndex);
        source = target;
        from = offset + OutputLayout.size;
        to = end;
      } else {
        const bytes = to - from + OutputLayout.size;
        if (bytes > link.writer.maxRecordBytes) {
          link.tooLarge();
          continue;
        }
        const offset = link.reserve(bytes);
        if (offset < 0) continue;
        source.copy(target, offset + OutputLayout.size, from, to);
        link.commit(offset, offset + bytes, number, orderUs, orderPacket, orderIndex);
      }
    }
  }

  #encodingOf<R>(number: number, type: RecordType<R>, facts: SessionFacts | undefined): EcsRecord {
    const encoding = this.#encoder.of(type, facts !== undefined);
    this.#encodings[number * 2 + (facts === undefined ? 0 : 1)] = encoding;
    return encoding;
  }

  /** Ends a batch: the outputs see what was routed. `orderUs`: no later record will have a smaller order time. */
  publish(orderUs: number, urgent = true): void {
    for (let index = 0; index < this.#ordered.length; index++) (this.#ordered[index] as OutputLink).watermark(orderUs);
    for (let index = 0; index < this.#links.length; index++) (this.#links[index] as OutputLink).writer.publish(urgent);
  }

  /** No record will follow. */
  close(): void {
    for (const link of this.#links) link.writer.close();
  }
}
