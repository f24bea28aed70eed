// Field values that are bytes already, so that no string is made only to be taken apart again. Decoders hand them to the
// encoder through `Field.value`; both are valid until the call that emits the record returns, and may be used again after.

/** Text whose bytes are UTF-8 (ASCII nearly always): what a decoder copied off the wire. The encoder escapes it. Empty text is left out. */
export class ByteText {
  bytes: Uint8Array;
  from: number;
  /** Exclusive. */
  to: number;

  constructor(bytes: Uint8Array, from: number, to: number) {
    this.bytes = bytes;
    this.from = from;
    this.to = to;
  }

  get length(): number {
    return this.to - this.from;
  }
}

const nothing = new Uint8Array(0);
const noView = new DataView(nothing.buffer);

/** A whole JSON value (quotes, brackets and all) as bytes: what is the same in many records, or was collected as bytes. Copied as it is. */
export class JsonText {
  bytes: Uint8Array;
  from: number;
  /** Exclusive. */
  to: number;
  #viewed: Uint8Array;
  #view: DataView;

  constructor(bytes: Uint8Array, from: number, to: number) {
    this.bytes = bytes;
    this.from = from;
    this.to = to;
    this.#viewed = nothing;
    this.#view = noView;
  }

  get length(): number {
    return this.to - this.from;
  }

  /** `bytes` to be read in words; made when first asked for, as many texts come again and others are short. */
  get view(): DataView {
    const { bytes } = this;
    if (this.#viewed !== bytes) {
      this.#viewed = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    return this.#view;
  }

  /** The JSON of a plain value. */
  static of(value: unknown): JsonText {
    const bytes = Buffer.from(JSON.stringify(value));
    return new JsonText(bytes, 0, bytes.length);
  }
}
