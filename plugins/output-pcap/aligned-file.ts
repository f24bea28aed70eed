// A file that grows by large writes at page boundaries: bytes are gathered in a buffer, full buffers are written one after the
// other without anybody waiting. A failure is remembered, not thrown; what is known to be in the file is `written`. Output
// thread only.
//
// Direct files (O_DIRECT) go past the system's page cache. For them places in the file, lengths and memory have to be whole pages:
//
//   │ page │ page │ bytes, then zeros │     a flush writes so much, and cuts the file where the bytes end

import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

const pageBytes = 4096;
/** Buffers that may wait to be written; whoever appends more is to wait. */
const waitingMost = 16;

export interface FileOptions {
  /** Permissions of a new file. */
  readonly mode: number;
  /** A multiple of the page. */
  readonly bufferBytes: number;
  /** Past the page cache, where the file system can. */
  readonly direct: boolean;
  /** Only where there is no such file. Default: one that is there is begun anew. */
  readonly exclusive?: boolean;
  /** Told how many buffers more, or fewer, wait to be written. */
  waits(by: number): void;
}

/** Memory at a page boundary: what can grow is mapped and not cut out of something larger. Nothing promises it; see `#goOnBuffered`. */
function pageAligned(bytes: number): Buffer {
  return Buffer.from(new ArrayBuffer(bytes, { maxByteLength: bytes }));
}

export class AlignedFile {
  readonly path: string;
  #handle: FileHandle;
  #direct: boolean;
  readonly #bufferBytes: number;
  readonly #waits: (by: number) => void;
  readonly #free: Buffer[] = [];
  #buffer: Buffer;
  /** Bytes in the buffer, and how many of them a flush has written. */
  #used = 0;
  #flushed = 0;
  /** Where the buffer begins in the file. */
  #at = 0;
  #waiting = 0;
  #chain: Promise<void> = Promise.resolve();
  #failure: Error | undefined;
  #written = 0;

  private constructor(path: string, handle: FileHandle, direct: boolean, { bufferBytes, waits }: FileOptions) {
    this.path = path;
    this.#handle = handle;
    this.#direct = direct;
    this.#bufferBytes = bufferBytes;
    this.#waits = waits;
    this.#buffer = this.#newBuffer();
  }

  /** Makes the file. Rejects with the system's error. */
  static async open(path: string, options: FileOptions): Promise<AlignedFile> {
    const { O_WRONLY, O_CREAT, O_TRUNC, O_EXCL, O_DIRECT } = constants as Partial<typeof constants> & typeof constants;
    const flags = O_WRONLY | O_CREAT | (options.exclusive === true ? O_EXCL : O_TRUNC);
    if (options.direct && O_DIRECT !== undefined) {
      try {
        return new AlignedFile(path, await open(path, flags | O_DIRECT, options.mode), true, options);
      } catch (error) {
        if (!isUnsupported(error)) throw error;
        // The system may have made the file before it said so.
        return new AlignedFile(path, await open(path, flags & ~O_EXCL, options.mode), false, options);
      }
    }
    return new AlignedFile(path, await open(path, flags, options.mode), false, options);
  }

  /** Whether bytes go past the page cache. */
  get isDirect(): boolean {
    return this.#direct;
  }

  /** Bytes appended, written or not. */
  get size(): number {
    return this.#at + this.#used;
  }

  /** Bytes that are in the file, without a hole. */
  get written(): number {
    return this.#written;
  }

  get failure(): Error | undefined {
    return this.#failure;
  }

  append(bytes: Uint8Array): void {
    for (let from = 0; from < bytes.length; ) {
      const part = Math.min(bytes.length - from, this.#bufferBytes - this.#used);
      this.#buffer.set(bytes.subarray(from, from + part), this.#used);
      this.#used += part;
      from += part;
      if (this.#used === this.#bufferBytes) this.#turn();
    }
  }

  /** A promise when too much waits to be written. */
  room(): Promise<void> | undefined {
    return this.#waiting < waitingMost ? undefined : this.#chain;
  }

  /** Writes what is in the buffer too. Never rejects: see `failure`. */
  async flush(): Promise<void> {
    const from = this.#flushed - (this.#flushed % pageBytes);
    if (this.#used > this.#flushed) {
      this.#flushed = this.#used;
      const whole = this.#direct ? this.#used - (this.#used % pageBytes) : this.#used;
      this.#write(this.#buffer, from, whole, this.#at);
      if (whole < this.#used) this.#writeEnd(whole);
    }
    await this.#chain;
  }

  /** A last page that is not full goes from memory of its own: in the buffer, bytes are put behind it while it is written. */
  #writeEnd(from: number): void {
    const page = pageAligned(pageBytes);
    this.#buffer.copy(page, 0, from, this.#used);
    this.#write(page, 0, this.#used - from, this.#at + from);
  }

  /** Flushes and closes; with `length` the file is cut to it. */
  async close(length?: number): Promise<void> {
    if (length === undefined) await this.flush();
    await this.#chain;
    try {
      if (length !== undefined) await this.#handle.truncate(length);
    } catch (error) {
      this.#failure ??= error as Error;
    }
    try {
      await this.#handle.close();
    } catch (error) {
      this.#failure ??= error as Error;
    }
  }

  /** The buffer is full. */
  #turn(): void {
    const buffer = this.#buffer;
    this.#waiting += 1;
    this.#waits(1);
    this.#write(buffer, this.#flushed - (this.#flushed % pageBytes), this.#used, this.#at).then(() => {
      this.#waiting -= 1;
      this.#waits(-1);
      this.#free.push(buffer);
    });
    this.#at += this.#used;
    this.#used = 0;
    this.#flushed = 0;
    this.#buffer = this.#free.pop() ?? this.#newBuffer();
  }

  #newBuffer(): Buffer {
    return this.#direct ? pageAligned(this.#bufferBytes) : Buffer.allocUnsafeSlow(this.#bufferBytes);
  }

  #write(buffer: Buffer, from: number, to: number, at: number): Promise<void> {
    this.#chain = this.#chain.then(async () => {
      if (this.#failure !== undefined) return;
      try {
        for (let done = from; done < to; ) {
          done = this.#direct ? await this.#writeDirect(buffer, done, to, at) : await this.#writeSome(buffer, done, to, at);
          this.#written = Math.max(this.#written, at + done);
        }
      } catch (error) {
        this.#failure = error as Error;
      }
    });
    return this.#chain;
  }

  /** Both return up to where the buffer has been written. */
  async #writeSome(buffer: Buffer, from: number, to: number, at: number): Promise<number> {
    const { bytesWritten } = await this.#handle.write(buffer, from, to - from, at + from);
    return from + bytesWritten;
  }

  async #writeDirect(buffer: Buffer, from: number, to: number, at: number): Promise<number> {
    const end = pageEnd(to);
    let done = from;
    try {
      done = await this.#writeSome(buffer, from, end, at);
    } catch (error) {
      if (!isUnsupported(error)) throw error;
    }
    if (done > to) await this.#handle.truncate(at + to);
    // Nothing, or not all of it: on a full disk too, and then the next write says so.
    if (done < end) await this.#goOnBuffered();
    return Math.min(done, to);
  }

  /** The file system, or the place of the memory, does not allow direct writes. */
  async #goOnBuffered(): Promise<void> {
    const handle = await open(this.path, 'r+');
    const before = this.#handle;
    this.#handle = handle;
    this.#direct = false;
    await before.close();
  }
}

function pageEnd(bytes: number): number {
  return Math.ceil(bytes / pageBytes) * pageBytes;
}

function isUnsupported(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'EINVAL';
}
