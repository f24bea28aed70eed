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

/** A whole JSON value (quotes, brackets and all) as bytes: what is the same in many records, or was collected as bytes. Copied as it is. */
export class JsonText {
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

  /** The JSON of a plain value. */
  static of(value: unknown): JsonText {
    const bytes = Buffer.from(JSON.stringify(value));
    return new JsonText(bytes, 0, bytes.length);
  }
}
