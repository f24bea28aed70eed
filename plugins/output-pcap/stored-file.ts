// One capture file of a packet worker as it is written: chunks in their order, packed in blocks and encrypted where the config says
// so. Knows which packets are on disk, so that a file whose writing fails is cut behind the last whole one. Output thread only.

import { crc32 } from 'node:zlib';
import { type FileCipher, type FileKey, fileCipher } from '../../src/pcap/index.ts';
import type { PacketChunk } from '../../src/plugin/index.ts';
import type { CaptureFile } from '../../src/record/index.ts';
import type { AlignedFile } from './aligned-file.ts';
import type { BlockPacker } from './block-packer.ts';

/** Head of a gzip member without name and time (RFC 1952, section 2.3). */
const gzipHead = Buffer.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255);
/** The last Deflate block, with nothing in it (RFC 1951, section 3.2.6). */
const deflateEnd = Buffer.of(3, 0);

/** Packets that end at a byte of the file. */
interface Mark {
  readonly end: number;
  readonly packets: number;
}

/** What of a block is waiting for its end. */
interface Block {
  parts: Buffer[];
  bytes: number;
  packets: number;
}

export class StoredFile {
  readonly facts: CaptureFile;
  readonly worker: number;
  readonly #file: AlignedFile;
  readonly #packer: BlockPacker | undefined;
  readonly #cipher: FileCipher | undefined;
  /** Told where each block begins. */
  readonly #begun: (block: number, offset: number) => void;
  #block: Block = { parts: [], bytes: 0, packets: 0 };
  #chain: Promise<void> = Promise.resolve();
  #crc = 0;
  #marks: Mark[] = [];
  #size = 0;
  #plainBytes = 0;
  #packets = 0;
  #kept = 0;
  #lastUs = 0;
  #failure: Error | undefined;

  constructor(
    facts: CaptureFile,
    worker: number,
    file: AlignedFile,
    packer: BlockPacker | undefined,
    key: FileKey | undefined,
    begun: (block: number, offset: number) => void,
  ) {
    this.facts = facts;
    this.worker = worker;
    this.#file = file;
    this.#packer = packer;
    this.#cipher = key === undefined ? undefined : fileCipher(key);
    this.#begun = begun;
    if (facts.compression === 'gzip') this.#put(gzipHead, 0);
  }

  get failure(): Error | undefined {
    return this.#failure ?? this.#file.failure;
  }

  /** Takes a chunk. A promise when the disk or the pool is behind. */
  take(chunk: PacketChunk): Promise<void> | undefined {
    const { bytes, packets } = chunk;
    this.#packets += packets;
    this.#plainBytes += bytes.length;
    if (chunk.lastUs > this.#lastUs) this.#lastUs = chunk.lastUs;
    const packer = this.#packer;
    if (packer === undefined) {
      this.#put(bytes, packets);
      return this.#file.room();
    }
    const block = this.#block;
    if (bytes.length > 0) block.parts.push(Buffer.from(bytes));
    block.bytes += bytes.length;
    block.packets += packets;
    if (chunk.endsBlock) this.#pack(packer, chunk.nextBlock);
    return packer.isBusy ? this.#chain : this.#file.room();
  }

  /** Everything that is whole goes to the file. */
  async flush(): Promise<void> {
    await this.#chain;
    await this.#file.flush();
    this.#forgetWritten();
  }

  /** Packets known to be in the file since the last call. */
  takeKept(): number {
    const kept = this.#kept;
    this.#kept = 0;
    return kept;
  }

  /** Ends the file. Returns its facts, and how many packets did not get into it. */
  async close(): Promise<{ facts: CaptureFile; lost: number }> {
    if (this.#packer !== undefined && this.#block.bytes > 0) this.#pack(this.#packer, undefined);
    await this.#chain;
    if (this.facts.compression === 'gzip' && this.failure === undefined) {
      const end = Buffer.alloc(8);
      end.writeUInt32LE(this.#crc, 0);
      end.writeUInt32LE(this.#plainBytes % 2 ** 32, 4);
      this.#put(Buffer.concat([deflateEnd, end]), 0);
    }
    await this.#file.flush();
    this.#forgetWritten();
    let size = this.#size;
    let lost = 0;
    if (this.failure === undefined) await this.#file.close();
    else {
      size = this.#durable;
      for (const { packets } of this.#marks) lost += packets;
      lost += this.#unpacked;
      await this.#file.close(size);
    }
    const { facts } = this;
    return {
      facts: {
        ...facts,
        state: 'closed',
        bytes: size,
        packetBytes: this.#plainBytes,
        packets: this.#packets - lost,
        ...(this.#lastUs > 0 ? { lastUs: this.#lastUs } : {}),
        finishUs: Date.now() * 1000,
      },
      lost,
    };
  }

  /** End of the last whole packet, or block, that is in the file. */
  #durable = 0;
  /** Packets of blocks that never came back from the pool. */
  #unpacked = 0;

  #pack(packer: BlockPacker, next: number | undefined): void {
    const { parts, bytes, packets } = this.#block;
    this.#block = { parts: [], bytes: 0, packets: 0 };
    const whole = new Uint8Array(bytes);
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    if (this.facts.compression === 'gzip') this.#crc = crc32(whole, this.#crc);
    const packed = packer.pack(whole);
    this.#chain = this.#chain.then(async () => {
      try {
        const block = await packed;
        this.#put(block, packets);
        if (next !== undefined) this.#begun(next, this.failure === undefined ? this.#size : -2);
      } catch (error) {
        this.#failure ??= error as Error;
        this.#unpacked += packets;
        if (next !== undefined) this.#begun(next, -2);
      }
    });
  }

  #put(bytes: Uint8Array, packets: number): void {
    this.#file.append(this.#cipher === undefined ? bytes : this.#cipher.update(bytes));
    this.#size += bytes.length;
    this.#marks.push({ end: this.#size, packets });
    if (this.#marks.length >= 1024) this.#forgetWritten();
  }

  #forgetWritten(): void {
    const { written } = this.#file;
    let gone = 0;
    for (const { end, packets } of this.#marks) {
      if (end > written) break;
      this.#durable = end;
      this.#kept += packets;
      gone++;
    }
    if (gone > 0) this.#marks = this.#marks.slice(gone);
  }
}
