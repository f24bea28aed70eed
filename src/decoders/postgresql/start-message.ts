// The messages that a PostgreSQL client may begin with (PostgreSQL documentation, "Message Formats": StartupMessage,
// SSLRequest, GSSENCRequest, CancelRequest): a length, then a version or a request code. Called by the decoder and by
// recognition, on packet workers; allocates nothing.

import { type Direction, probeLimitBytes, Verdict } from '../contract.ts';

export const StartCode = {
  /** 3.0; later minor versions differ in the low half. */
  version3: 0x0003_0000,
  cancel: 80_877_102,
  tls: 80_877_103,
  gssEncryption: 80_877_104,
} as const;

/** MAX_STARTUP_PACKET_LENGTH of the server. */
export const maxStartBytes = 10_000;
const lengthBytes = 4;
export const headBytes = 8;

/** Length of the start message at `at` by its own word; 0 when too little is there, -1 when it is none. */
export function startLength(bytes: Buffer, at: number, to: number): number {
  if (to - at >= lengthBytes) {
    const length = bytes.readUInt32BE(at);
    if (length < headBytes || length > maxStartBytes) return -1;
  }
  if (to - at < headBytes) return 0;
  const length = bytes.readUInt32BE(at);
  const code = bytes.readUInt32BE(at + lengthBytes);
  if (code === StartCode.tls || code === StartCode.gssEncryption) return length === headBytes ? length : -1;
  if (code === StartCode.cancel) return length >= 16 ? length : -1;
  return code >>> 16 === StartCode.version3 >>> 16 && length > headBytes ? length : -1;
}

export function probeStart(_direction: Direction, bytes: Buffer, from: number, to: number): Verdict {
  const length = startLength(bytes, from, to);
  if (length < 0) return Verdict.no;
  const there = Math.min(length, probeLimitBytes);
  if (length === 0 || to - from < there) return Verdict.needMore;
  if (length <= there && bytes.readUInt32BE(from + lengthBytes) >>> 16 === StartCode.version3 >>> 16) {
    // Name and value pairs end with a NUL of their own.
    return bytes[from + length - 1] === 0 ? Verdict.certain : Verdict.no;
  }
  return Verdict.certain;
}
