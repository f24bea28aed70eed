// Memory that grows with `max_sessions`. None of it is shared with another thread, yet it is shared memory: V8 counts that of an
// ArrayBuffer as its own heap's, and hundreds of megabytes, of which hardly a page is ever touched, had every start collect garbage.

/** What there is of it without the types of a browser. */
declare const WebAssembly: {
  readonly Memory: new (pages: { initial: number; maximum: number; shared: true }) => { readonly buffer: SharedArrayBuffer };
};
const wasmPageBytes = 65_536;
const maxWasmPages = 65_536;

/** A word for each of `slots`, all 0. */
export function slotWordMemory(slots: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(slots * Int32Array.BYTES_PER_ELEMENT));
}

/**
 * Memory at a page boundary, which no other buffer promises: a slot of the session table then takes up four cache lines and not
 * parts of five. Pages that are never touched take nothing.
 */
export function pageAligned(bytes: number): SharedArrayBuffer {
  const pages = Math.ceil(bytes / wasmPageBytes);
  if (pages > maxWasmPages) return new SharedArrayBuffer(bytes);
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true }).buffer;
}
