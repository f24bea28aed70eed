// All packets in one capture file, as tcpdump and tshark write it: pcap or pcapng, with rotation by size and time. Packets come in
// the order in which they were captured. Output thread only.

import { createWriteStream, existsSync } from 'node:fs';
import { unlink } from 'node:fs/promises';
import { dirname, extname } from 'node:path';
import { errorCodes, SensorError } from '../../src/errors.ts';
import {
  fileHeadBytes,
  hasTime,
  interfaceBlock,
  Magic,
  packetBlockLength,
  recordHeadBytes,
  sectionBlock,
  snapLength,
  timeText,
  writeFileHead,
  writePacketBlock,
  writeRecordHead,
} from '../../src/pcap/index.ts';
import {
  makeFolder,
  type OutputContext,
  type PacketChunk,
  type PacketOutput,
  type PacketWiring,
} from '../../src/plugin/index.ts';
import { AlignedFile } from './aligned-file.ts';
import { fileOptions, type PcapConfig } from './pcap-config.ts';

const standardOutput = 1;
/** Bytes that are put together before they go to the file or the pipe. */
const gatherBytes = 65_536;
const retryMs = 10_000;

/** Where the bytes go: a file, or standard output. */
interface Target {
  readonly path: string;
  append(bytes: Uint8Array): void;
  room(): Promise<void> | undefined;
  flush(): Promise<void>;
  close(length?: number): Promise<void>;
  readonly written: number;
  readonly failure: Error | undefined;
}

/** Standard output cannot be taken back, and its end by the reader ends the run. */
class PipeTarget implements Target {
  readonly path = 'standard output';
  written = 0;
  failure: Error | undefined;
  readonly #stream = createWriteStream('', { fd: standardOutput, autoClose: false });
  #wait: Promise<void> | undefined;

  constructor() {
    this.#stream.on('error', (error) => {
      this.failure = error;
    });
  }

  append(bytes: Uint8Array): void {
    if (this.failure !== undefined) return;
    this.written += bytes.length;
    if (!this.#stream.write(Buffer.from(bytes)))
      this.#wait ??= new Promise((resolve) => {
        const done = (): void => {
          this.#wait = undefined;
          resolve();
        };
        this.#stream.once('drain', done).once('error', done);
      });
  }

  room(): Promise<void> | undefined {
    return this.#wait;
  }

  async flush(): Promise<void> {
    if (this.failure === undefined) await new Promise<void>((resolve) => this.#stream.write(Buffer.alloc(0), () => resolve()));
  }

  async close(): Promise<void> {
    await this.flush();
  }
}

export class SingleFile implements PacketOutput {
  readonly #context: OutputContext;
  readonly #config: PcapConfig;
  readonly #sources: readonly string[];
  /** Template of the path, absolute; `-`: standard output. */
  readonly #template: string;
  readonly #isNg: boolean;
  #target: Target | undefined;
  #number = 0;
  /** Name of the file before, without its number. */
  #lastPath = '';
  /** Finished files, oldest first. */
  readonly #old: string[] = [];
  readonly #gathered = Buffer.allocUnsafeSlow(gatherBytes + snapLength + 256);
  #length = 0;
  #size = 0;
  /** Packets that are not yet known to be in the file, with where they end. */
  #marks: { end: number; packets: number }[] = [];
  /** End of the last packet that is known to be in the file. */
  #whole = 0;
  #gatheredPackets = 0;
  #firstUs = 0;
  #linkType = -1;
  #interfaces = new Map<number, number>();
  #retryAtMs = 0;

  constructor(context: OutputContext, config: PcapConfig, wiring: PacketWiring, template: string) {
    this.#context = context;
    this.#config = config;
    this.#sources = wiring.sources;
    this.#template = template;
    this.#isNg = config.file_format === 'pcapng';
  }

  /** A folder that cannot be written is an error before the first packet. */
  async start(): Promise<void> {
    if (this.#template === '-' || hasTime(this.#template) || this.#rotates) return;
    try {
      await this.#open(0);
    } catch (cause) {
      throw new SensorError(errorCodes.output, (cause as Error).message, {
        cause,
        hint: '-w FILE, or path of the [[output]], names the file',
      });
    }
  }

  take(_worker: number, chunk: PacketChunk): Promise<void> | undefined {
    const { timeUs, linkType } = chunk.frame;
    const target = this.#target;
    if (target === undefined || this.#isDue(timeUs)) return this.#turn(chunk);
    if (!this.#isNg && linkType !== this.#linkType && this.#linkType >= 0) {
      this.#context.count('dropped_link_type_frames');
      return undefined;
    }
    this.#put(chunk);
    if (this.#length < gatherBytes) return undefined;
    this.#append(target);
    if (target.failure !== undefined) return this.#fail(target);
    return target.room();
  }

  async flush(): Promise<void> {
    const target = this.#target;
    if (target === undefined) return;
    this.#append(target);
    await target.flush();
    this.#countWritten(target);
    if (target.failure !== undefined) await this.#fail(target);
  }

  /** After the file was moved away: a new one of the same name. */
  async reopen(): Promise<void> {
    if (this.#template === '-' || this.#target === undefined) return;
    await this.#close();
  }

  async stop(): Promise<void> {
    // A file without packets is a capture file too.
    if (this.#target !== undefined && this.#size === 0 && this.#length === 0) this.#begin(1, 0);
    await this.#close();
  }

  get #rotates(): boolean {
    return this.#config.rotate_bytes > 0 || this.#config.rotate_secs > 0;
  }

  #isDue(timeUs: number): boolean {
    const { rotate_bytes, rotate_secs } = this.#config;
    if (this.#size + this.#length === 0) return false;
    if (rotate_bytes > 0 && this.#size + this.#length >= rotate_bytes) return true;
    return rotate_secs > 0 && timeUs - this.#firstUs >= rotate_secs * 1e6;
  }

  async #turn(chunk: PacketChunk): Promise<void> {
    // The chunk's bytes go with this call; what it says is needed after the wait.
    const bytes = Buffer.from(chunk.bytes);
    const frame = { ...chunk.frame };
    await this.#close();
    if (performance.now() < this.#retryAtMs) {
      this.#context.count('dropped_disk_frames');
      return;
    }
    try {
      await this.#open(frame.timeUs);
    } catch (error) {
      this.#retryAtMs = performance.now() + retryMs;
      this.#context.log.error(`packets are not written for the time being: ${(error as Error).message}`);
      this.#context.count('dropped_disk_frames');
      return;
    }
    this.#put({ ...chunk, bytes, frame });
  }

  async #open(timeUs: number): Promise<void> {
    if (this.#template === '-') this.#target = new PipeTarget();
    else {
      const path = this.#pathFor(timeUs);
      makeFolder(dirname(path));
      this.#target = await AlignedFile.open(path, fileOptions(this.#config, this.#context));
      this.#number += 1;
      this.#context.count('begun_files');
    }
    this.#size = 0;
    this.#length = 0;
    this.#marks = [];
    this.#whole = 0;
    this.#gatheredPackets = 0;
    this.#linkType = -1;
    this.#interfaces = new Map();
  }

  /** As tshark names the files of a ring: `name_00001_20261120123456.pcap`; a name that holds a time stays as it is. */
  #pathFor(timeUs: number): string {
    const named = timeText(this.#template, timeUs);
    const ending = extname(named);
    const stem = named.slice(0, named.length - ending.length);
    const number = String(this.#number + 1).padStart(5, '0');
    const { rotate_bytes } = this.#config;
    if (this.#rotates && !hasTime(this.#template)) return `${stem}_${number}_${timeText('%Y%m%d%H%M%S', timeUs)}${ending}`;
    // What was written before is not written over: after a failure, or a SIGHUP without the file having been moved.
    const again = named === this.#lastPath && existsSync(named);
    this.#lastPath = named;
    return rotate_bytes > 0 || again ? `${stem}_${number}${ending}` : named;
  }

  /** What stands before the first packet. */
  #begin(linkType: number, timeUs: number): void {
    this.#firstUs = timeUs;
    this.#linkType = linkType;
    if (this.#isNg) this.#gather(sectionBlock('Ringtap', this.#config.comment === '' ? [] : [this.#config.comment]));
    else {
      writeFileHead(this.#gathered, 0, this.#config.nanoseconds ? Magic.nanoseconds : Magic.microseconds, linkType);
      this.#length = fileHeadBytes;
    }
  }

  #put(chunk: PacketChunk): void {
    const { frame, bytes } = chunk;
    const { timeUs, timeNs, linkType, wire } = frame;
    if (this.#linkType < 0) this.#begin(linkType, timeUs);
    const target = this.#gathered;
    if (this.#isNg) {
      const id = this.#interfaceOf(frame.source, frame.interfaceId, linkType);
      const at = this.#length;
      bytes.copy(target, writePacketBlock(target, at, id, timeUs, timeNs, bytes.length, wire, frame.direction));
      this.#length = at + packetBlockLength(bytes.length, frame.direction !== 0);
    } else {
      const seconds = Math.floor(timeUs / 1e6);
      const micros = timeUs - seconds * 1e6;
      writeRecordHead(
        target,
        this.#length,
        seconds,
        this.#config.nanoseconds ? micros * 1000 + timeNs : micros,
        bytes.length,
        wire,
      );
      bytes.copy(target, this.#length + recordHeadBytes);
      this.#length += recordHeadBytes + bytes.length;
    }
    this.#gatheredPackets += 1;
  }

  /** Number of an interface in the section; described when its first packet comes. */
  #interfaceOf(source: number, interfaceId: number, linkType: number): number {
    const key = source * 2 ** 32 + interfaceId * 2 ** 16 + linkType;
    const known = this.#interfaces.get(key);
    if (known !== undefined) return known;
    const id = this.#interfaces.size;
    this.#interfaces.set(key, id);
    const name = this.#sources[source] ?? '';
    this.#gather(interfaceBlock(linkType, interfaceId === 0 ? name : `${name}#${interfaceId}`, snapLength));
    return id;
  }

  #gather(bytes: Buffer): void {
    if (this.#length + bytes.length > gatherBytes && this.#target !== undefined) this.#append(this.#target);
    bytes.copy(this.#gathered, this.#length);
    this.#length += bytes.length;
  }

  #append(target: Target): void {
    if (this.#length === 0) return;
    target.append(this.#gathered.subarray(0, this.#length));
    this.#size += this.#length;
    this.#length = 0;
    this.#marks.push({ end: this.#size, packets: this.#gatheredPackets });
    this.#gatheredPackets = 0;
    this.#countWritten(target);
  }

  #countWritten(target: Target): void {
    let packets = 0;
    let gone = 0;
    for (const mark of this.#marks) {
      if (mark.end > target.written) break;
      packets += mark.packets;
      this.#whole = mark.end;
      gone++;
    }
    if (gone > 0) this.#marks = this.#marks.slice(gone);
    if (packets > 0) this.#context.count('written_frames', packets);
  }

  /** The disk is full: the file ends behind its last whole packet; after a while another one is tried. */
  async #fail(target: Target): Promise<void> {
    if (target instanceof PipeTarget) throw new SensorError(errorCodes.outputClosed, 'standard output was closed');
    this.#context.log.error(`${target.path}: ${(target.failure as Error).message}; packets are not written for the time being`);
    await this.#close();
    this.#retryAtMs = performance.now() + retryMs;
  }

  async #close(): Promise<void> {
    const target = this.#target;
    if (target === undefined) return;
    this.#append(target);
    this.#target = undefined;
    await target.flush();
    this.#countWritten(target);
    await target.close(target.failure === undefined ? undefined : this.#whole);
    const lost = this.#marks.reduce((sum, { packets }) => sum + packets, 0);
    if (lost > 0) this.#context.count('dropped_disk_frames', lost);
    this.#marks = [];
    if (this.#template !== '-') await this.#keep(target.path);
  }

  /** Only the newest `keep_files` files of this run stay. */
  async #keep(path: string): Promise<void> {
    const { keep_files } = this.#config;
    if (keep_files === 0) return;
    this.#old.push(path);
    while (this.#old.length > keep_files) {
      await unlink(this.#old.shift() as string).catch(() => {});
      this.#context.count('deleted_files');
    }
  }
}
