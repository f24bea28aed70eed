// The keys of a client’s Initial packets of QUIC and their use (RFC 9001 section 5): they follow from the version and the first
// connection id, so that anybody on the path can read the client hello. What is computed, the addon computes, in one call a
// packet (`crates/capture/src/quic_initial.rs`); it is loaded with the first one. Held by a session’s decoder, on a packet worker.

import { loadAddon } from '../capture/index.ts';

/** Bytes of the keys as the addon lays them out. */
const keysBytes = 44;
const tagBytes = 16;

/**
 * The payload of the last packet that was opened: `bytes[from, to)`. A packet is copied here, out of memory that other threads
 * see, and opened in place. A datagram has no more.
 */
export const initialPayload = { bytes: Buffer.alloc(65_536), from: 0, to: 0 };

export class InitialKeys {
  readonly #keys: Buffer = Buffer.alloc(keysBytes);

  /**
   * Opens the packet `bytes[from, to)`, whose packet number is at `numberAt`, into `initialPayload`.
   * @returns false when the packet is not of these keys
   */
  open(bytes: Buffer, from: number, numberAt: number, to: number): boolean {
    if (!take(bytes, from, to)) return false;
    return found(to - from, loadAddon().openInitial(initialPayload.bytes, numberAt - from, to - from, this.#keys));
  }

  /**
   * As `open`, with the keys that the destination connection id of the packet itself gives; these are kept.
   * @param derivation the salt of the version, 20 bytes, and the prefix of its labels
   */
  openFirst(derivation: Buffer, bytes: Buffer, from: number, numberAt: number, to: number): boolean {
    if (!take(bytes, from, to)) return false;
    const length = loadAddon().openFirstInitial(initialPayload.bytes, numberAt - from, to - from, this.#keys, derivation);
    return found(to - from, length);
  }
}

function take(bytes: Buffer, from: number, to: number): boolean {
  if (to - from > initialPayload.bytes.length) return false;
  bytes.copy(initialPayload.bytes, 0, from, to);
  return true;
}

/** `length`: of the payload, -1 without one. It ends where the tag begins. */
function found(packetBytes: number, length: number): boolean {
  if (length < 0) return false;
  initialPayload.to = packetBytes - tagBytes;
  initialPayload.from = initialPayload.to - length;
  return true;
}
