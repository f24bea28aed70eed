// DataViews over byte arrays that come again and again: output rings, packet rings, the buffers of decoders. Writers and
// readers of whole words want them. One object a writer; it forgets the one looked up longest ago.

/** Arrays in use at a time are few; a miss costs one small object. A power of two. */
const places = 8;
const nothing = new Uint8Array(0);

export class ByteViews {
  readonly #arrays: Uint8Array[];
  readonly #views: DataView[];
  #next: number;
  #latest: number;

  constructor() {
    this.#arrays = new Array<Uint8Array>(places).fill(nothing);
    this.#views = new Array<DataView>(places).fill(new DataView(nothing.buffer));
    this.#next = 0;
    this.#latest = 0;
  }

  /** The view whose byte 0 is that of `bytes`. */
  of(bytes: Uint8Array): DataView {
    if (this.#arrays[this.#latest] === bytes) return this.#views[this.#latest] as DataView;
    return this.#search(bytes);
  }

  #search(bytes: Uint8Array): DataView {
    for (let place = 0; place < places; place++) {
      if (this.#arrays[place] !== bytes) continue;
      this.#latest = place;
      return this.#views[place] as DataView;
    }
    const place = this.#next;
    this.#next = (place + 1) & (places - 1);
    this.#latest = place;
    this.#arrays[place] = bytes;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#views[place] = view;
    return view;
  }
}
