// Packs one block of a capture file, on a thread of the pool. A block can be read by itself: a frame of its own (zstd), or Deflate
// data that ends with a full flush (gzip; the member's head and end are the file's).

import { constants, deflateRawSync, zstdCompressSync } from 'node:zlib';
import { move } from 'piscina';

export interface PackTask {
  readonly bytes: Uint8Array;
  readonly compression: 'gzip' | 'zstd';
  readonly level: number;
}

export default function pack({ bytes, compression, level }: PackTask): Uint8Array {
  const packed =
    compression === 'gzip'
      ? deflateRawSync(bytes, { level, finishFlush: constants.Z_FULL_FLUSH })
      : zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: level } });
  // Memory of its own, so that it can be handed over whole.
  const own = new Uint8Array(packed.length);
  own.set(packed);
  return move(own) as Uint8Array;
}
