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

/** Small JSON is cut from slabs of this size; larger has memory of its own. */
const slabBytes = 8192;
const togetherMost = 1024;
let slab = Buffer.alloc(0);
let used = 0;

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

  /** The same JSON in memory of its own, for one whose bytes are about to be used again. */
  kept(): JsonText {
    return new JsonText(Buffer.from(this.bytes.subarray(this.from, this.to)), 0, this.length);
  }

  /** The JSON of a plain value. Small ones lie together. */
  static of(value: unknown): JsonText {
    const text = JSON.stringify(value);
    // A code unit takes at most 3 bytes.
    if (text.length * 3 > togetherMost) {
      const bytes = Buffer.from(text);
      return new JsonText(bytes, 0, bytes.length);
    }
    if (used + text.length * 3 > slab.length) {
      slab = Buffer.allocUnsafeSlow(slabBytes);
      used = 0;
    }
    const from = used;
    used += slab.write(text, from);
    return new JsonText(slab, from, used);
  }
}
