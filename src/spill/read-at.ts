// A read that goes on until it has all it asked for or the file ends; the system may give less at a time.

import type { FileHandle } from 'node:fs/promises';

/** `length` bytes of the file from `position`; less at its end. */
export async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer<ArrayBuffer>> {
  const bytes = Buffer.allocUnsafeSlow(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(bytes, done, length - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes.subarray(0, done);
}
