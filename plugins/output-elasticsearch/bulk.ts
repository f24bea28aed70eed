// One bulk request in the making: action lines and documents one after another, and where each begins, so that some of them can
// be sent again without the others.
//
//   {"create":{"_index":"logs-…","_id":"…"}}⏎{"@timestamp":…}⏎{"create":…
//   starts[0]                                 documents[0]    starts[1]

const firstBytes = 65536;

export class Bulk {
  count: number;
  #bytes: Buffer;
  #length: number;
  readonly #starts: number[];
  readonly #documents: number[];

  constructor() {
    this.count = 0;
    this.#bytes = Buffer.allocUnsafe(firstBytes);
    this.#length = 0;
    this.#starts = [];
    this.#documents = [];
  }

  get byteLength(): number {
    return this.#length;
  }

  clear(): void {
    this.count = 0;
    this.#length = 0;
    this.#starts.length = 0;
    this.#documents.length = 0;
  }

  /**
   * Makes room for an item of an action line and a document (0 bytes: it has none), newlines included. Both have to be written
   * to `memory`: the action line at `actionAt`, the document at `documentAt`.
   */
  add(actionBytes: number, documentBytes: number): void {
    const end = this.#length + actionBytes + documentBytes;
    if (end > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(end, this.#bytes.length * 2));
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    this.#starts.push(this.#length);
    this.#documents.push(this.#length + actionBytes);
    this.#length = end;
    this.count++;
  }

  /** Adds an item of JSON objects. */
  addJson(action: object, document?: object): void {
    const actionLine = `${JSON.stringify(action)}\n`;
    const documentLine = document === undefined ? '' : `${JSON.stringify(document)}\n`;
    this.add(Buffer.byteLength(actionLine), Buffer.byteLength(documentLine));
    this.memory.write(actionLine, this.actionAt);
    this.memory.write(documentLine, this.documentAt);
  }

  /** Where the last item is written. Another one after an `add`. */
  get memory(): Buffer {
    return this.#bytes;
  }

  get actionAt(): number {
    return this.#starts[this.count - 1] as number;
  }

  get documentAt(): number {
    return this.#documents[this.count - 1] as number;
  }

  /** The request's body for these items, in rising order; no copy when they are all. */
  linesOf(items: readonly number[]): Buffer {
    if (items.length === this.count) return this.#bytes.subarray(0, this.#length);
    return Buffer.concat(items.map((item) => this.#bytes.subarray(this.#starts[item], this.#endOf(item))));
  }

  /** Action line and document of an item without their newlines, as text. */
  textOf(item: number): readonly [action: string, document: string] {
    const documentAt = this.#documents[item] as number;
    const end = this.#endOf(item);
    return [
      this.#bytes.toString('utf8', this.#starts[item], documentAt).trimEnd(),
      this.#bytes.toString('utf8', documentAt, end).trimEnd(),
    ];
  }

  #endOf(item: number): number {
    return this.#starts[item + 1] ?? this.#length;
  }
}
