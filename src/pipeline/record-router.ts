// Where records leave a packet worker: encodes each record once, straight into the ring of the first output that wants
// it, and copies the bytes for the others. Runs on packet workers and, for stats records, on the main thread.

import {
  type ArkimeEncoder,
  ArkimeSession,
  type EcsEncoder,
  type EcsRecord,
  type RecordRegistry,
  type RecordType,
  type SessionFacts,
} from '../record/index.ts';
import { OutputLayout } from '../ring/index.ts';
import type { OutputLink } from './output-link.ts';

export type OutputFormat = 'ecs' | 'arkime' | 'arkime_bulk';
export type RecordEncoder = EcsEncoder | ArkimeEncoder;

export interface RoutedOutput {
  readonly link: OutputLink;
  /** Names of the record types wanted; empty: all. */
  readonly records: readonly string[];
  readonly format: OutputFormat;
  /** Wants watermarks, because it puts records in order. */
  readonly ordered: boolean;
}

/** The outputs that want a record in one format, and how it is encoded for them. */
interface FormatLinks {
  readonly encoder: RecordEncoder;
  readonly links: readonly OutputLink[];
  /** With a session around the record, and without; made when first needed. */
  readonly encodings: [EcsRecord | ArkimeSession | undefined, EcsRecord | ArkimeSession | undefined];
}

export class RecordRouter {
  readonly #links: readonly OutputLink[];
  readonly #ordered: readonly OutputLink[];
  /** By record type number. */
  readonly #wanting: readonly (readonly FormatLinks[])[];

  /** `encoders`: by format, for those that outputs have. */
  constructor(
    registry: RecordRegistry,
    encoders: Readonly<Partial<Record<OutputFormat, RecordEncoder>>>,
    outputs: readonly RoutedOutput[],
  ) {
    this.#links = outputs.map((output) => output.link);
    this.#ordered = outputs.filter((output) => output.ordered).map((output) => output.link);
    this.#wanting = registry.types.map((type) => {
      const wanting = outputs.filter((output) => wants(output, type.name));
      return [...new Set(wanting.map((output) => output.format))].map((format) => ({
        encoder: encoders[format] as RecordEncoder,
        links: wanting.filter((output) => output.format === format).map((output) => output.link),
        encodings: [undefined, undefined],
      }));
    });
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
    const formats = this.#wanting[number] as readonly FormatLinks[];
    const orderPacket = facts === undefined ? 0 : facts.firstPacketNumber;
    const orderIndex = facts === undefined ? 0 : facts.nextRecordIndex();
    for (let format = 0; format < formats.length; format++) {
      const { encoder, links, encodings } = formats[format] as FormatLinks;
      const which = facts === undefined ? 1 : 0;
      const encoding = encodings[which] ?? encoder.of(type, facts !== undefined);
      encodings[which] = encoding;
      let source: Buffer | undefined;
      let from = 0;
      let to = 0;
      if (encoding instanceof ArkimeSession) {
        // Documents are long and their length is not known before: not written in place.
        to = encoding.encodeAlone(facts);
        source = encoding.memory;
        if (to === 0) continue;
      }
      for (let index = 0; index < links.length; index++) {
        const link = links[index] as OutputLink;
        const target = link.writer.data;
        if (source === undefined) {
          const bytes = link.mostBytes;
          const offset = link.reserve(bytes);
          if (offset < 0) continue;
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
          if (to < 0 || bytes > link.writer.maxRecordBytes) {
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
  }

  /** The output, and what a record is written by, where records of sessions go to one output only and in place. */
  alone(number: number, type: RecordType<never>): { readonly link: OutputLink; readonly encoding: EcsRecord } | undefined {
    const [only, other] = this.#wanting[number] as readonly FormatLinks[];
    if (only === undefined || other !== undefined || only.links.length !== 1) return undefined;
    const encoding = only.encoder.of(type, true);
    return encoding instanceof ArkimeSession ? undefined : { link: only.links[0] as OutputLink, encoding };
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

/** Arkime's documents are of sessions; other records go to such an output only when it names them, or as its own business. */
function wants({ records, format }: RoutedOutput, type: string): boolean {
  if (records.length > 0) return records.includes(type);
  if (format === 'ecs') return true;
  return type === 'session' || (format === 'arkime_bulk' && (type === 'stats' || type === 'file'));
}
