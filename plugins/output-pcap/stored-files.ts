// Stores packets in files of each packet worker, so that documents can name every packet by file and position. Lays tickets for
// new files ready on the workers' desks, writes what they send, keeps the list of files, makes room. When a disk is full
// it stops saving, counts, and goes on once there is room. Output thread only.

import { mkdirSync } from 'node:fs';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { errorCodes, SensorError } from '../../src/errors.ts';
import { FileCatalog, type FileKey, newFileKey } from '../../src/pcap/index.ts';
import {
  makeFolder,
  type OutputContext,
  type PacketChunk,
  type PacketDesk,
  type PacketOutput,
  type PacketWiring,
} from '../../src/plugin/index.ts';
import type { CaptureFile } from '../../src/record/index.ts';
import { AlignedFile } from './aligned-file.ts';
import { BlockPacker } from './block-packer.ts';
import { type FileNumbers, LocalNumbers } from './file-numbers.ts';
import { deleteOldest, Folders } from './folders.ts';
import { LastNumber } from './last-number.ts';
import { fileOptions, type PcapConfig, wrappingKey } from './pcap-config.ts';
import { ReservedNumbers } from './reserved-numbers.ts';
import { StoredFile } from './stored-file.ts';

const roomCheckMs = 10_000;
/** A worker without a ticket is looked at again after this time. */
const ticketRetryMs = 1000;
/** How long the first numbers are waited for. */
const startWaitMs = 1000;
/** Index files that are open at a time. */
const indexesMost = 64;

export class StoredFiles implements PacketOutput {
  readonly #context: OutputContext;
  readonly #config: PcapConfig;
  readonly #desks: readonly PacketDesk[];
  readonly #wiring: PacketWiring;
  readonly #node: string;
  readonly #folders: Folders;
  readonly #mode: number;
  readonly #files = new Map<number, StoredFile>();
  readonly #keys = new Map<number, FileKey>();
  readonly #indexes = new Map<string, FileHandle>();
  readonly #closing = new Set<Promise<void>>();
  readonly #offering = new Set<number>();
  #catalog!: FileCatalog;
  #numbers!: FileNumbers;
  #packer: BlockPacker | undefined;
  #kek: ReturnType<typeof wrappingKey> | undefined;
  #timers: NodeJS.Timeout[] = [];
  #stopped = false;
  #isListBehind = false;
  #isWithoutNumber = false;
  #isCacheTold = false;

  /** `folders`: absolute. */
  constructor(context: OutputContext, config: PcapConfig, wiring: PacketWiring, folders: readonly string[]) {
    this.#context = context;
    this.#config = config;
    this.#wiring = wiring;
    this.#desks = wiring.desks;
    this.#node = wiring.node;
    this.#folders = new Folders(folders, config.directory_choice);
    this.#mode = Number.parseInt(config.mode, 8);
  }

  async start(): Promise<void> {
    const { paths } = this.#folders;
    const [first] = paths as [string];
    try {
      for (const path of paths) makeFolder(path);
      this.#catalog = FileCatalog.open(first, this.#node);
      // Another run may be writing the files that are listed as open, and lines to the list.
      if (this.#catalog.files.every(({ state }) => state === 'closed')) this.#catalog.compact();
      const highest = this.#catalog.files.reduce((most, { number }) => Math.max(most, number), 0);
      this.#numbers = this.#numbersIn(first, highest);
    } catch (cause) {
      if (cause instanceof SensorError) throw cause;
      throw new SensorError(errorCodes.output, (cause as Error).message, {
        cause,
        hint: 'directories of the [[output]] names the folders for capture files',
      });
    }
    const { compression, compression_level, compression_threads, encryption } = this.#config;
    if (compression !== 'none') this.#packer = new BlockPacker(compression, compression_level, compression_threads);
    if (encryption !== 'none') this.#kek = wrappingKey(this.#config, this.#node);
    await this.#endOld();
    for (const desk of this.#desks) {
      if (this.#wiring.successor) {
        // What the thread before had in hand is gone; files that it had open end where they are.
        desk.take();
        desk.nextEpoch();
      }
    }
    await this.#firstOffers();
    this.#timers = [
      setInterval(() => void this.#checkRoom(), roomCheckMs),
      setInterval(() => this.#offerMissing(), ticketRetryMs),
    ];
    for (const timer of this.#timers) timer.unref();
  }

  #numbersIn(folder: string, highest: number): FileNumbers {
    const last = new LastNumber(folder, this.#node, highest);
    const { numbers: source } = this.#wiring;
    if (source === undefined) return new LocalNumbers(last);
    return new ReservedNumbers({
      folder,
      node: this.#node,
      last,
      source,
      most: this.#config.reserved_numbers,
      changed: (by) => this.#context.count('reserved_numbers', by),
    });
  }

  /** A cluster that does not answer must not keep the run from starting. */
  async #firstOffers(): Promise<void> {
    const offers = Promise.all(this.#desks.map((_, worker) => this.#offer(worker)));
    const enough = new AbortController();
    await Promise.race([offers, pause(startWaitMs, undefined, { signal: enough.signal }).catch(() => {})]);
    enough.abort();
  }

  take(worker: number, chunk: PacketChunk): Promise<void> | undefined {
    if (chunk.type === 'open') return this.#open(worker, JSON.parse(chunk.bytes.toString()) as CaptureFile, chunk.nextBlock);
    if (chunk.type === 'index') return this.#index(chunk);
    const file = this.#files.get(chunk.file);
    if (file === undefined) {
      this.#lose(worker, chunk);
      return undefined;
    }
    if (chunk.type === 'close') {
      this.#close(file);
      return undefined;
    }
    const wait = file.take(chunk);
    if (file.failure !== undefined) this.#fail(file);
    return wait;
  }

  async flush(): Promise<void> {
    for (const file of [...this.#files.values()]) {
      await file.flush();
      this.#countKept(file);
      if (file.failure !== undefined) this.#fail(file);
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#timers) clearInterval(timer);
    for (const file of [...this.#files.values()]) this.#close(file);
    await this.#numbers.close();
    while (this.#closing.size > 0) await Promise.all(this.#closing);
    this.#mendList();
    for (const handle of this.#indexes.values()) await handle.close().catch(() => {});
    await this.#packer?.stop();
  }

  // Files.

  async #open(worker: number, facts: CaptureFile, firstBlock: number): Promise<void> {
    const desk = this.#desks[worker] as PacketDesk;
    const key = this.#keys.get(facts.number);
    this.#keys.delete(facts.number);
    void this.#offer(worker);
    try {
      mkdirSync(dirname(facts.path), { recursive: true });
      const exclusive = !this.#isBegun(facts);
      const file = await AlignedFile.open(facts.path, { ...fileOptions(this.#config, this.#context), exclusive });
      this.#tellOfCache(file);
      const stored = new StoredFile(facts, worker, file, this.#packer, key, (block, offset) => desk.setBlockStart(block, offset));
      this.#files.set(facts.number, stored);
      this.#list(facts);
      this.#context.count('begun_files');
    } catch (error) {
      this.#diskFailed(worker, facts.path, error as Error);
    }
    if (facts.compression !== undefined) desk.setBlockStart(firstBlock, 0);
  }

  /** Has the thread before this one begun the file? It is begun anew then, with everything that is to be in it. */
  #isBegun({ number, path }: CaptureFile): boolean {
    return this.#wiring.successor && this.#catalog.get(number)?.path === path;
  }

  #tellOfCache({ isDirect, path }: AlignedFile): void {
    if (isDirect || !this.#config.direct_io || this.#isCacheTold) return;
    this.#isCacheTold = true;
    this.#context.log.info(`${path}: the file system has no direct_io; packets go through the page cache`);
  }

  #close(file: StoredFile): void {
    this.#files.delete(file.facts.number);
    const closed = (async () => {
      const { facts: ended, lost } = await file.close();
      // Nothing of it could be written.
      const isNothing =
        ended.bytes === 0 &&
        (await unlink(ended.path).then(
          () => true,
          () => false,
        ));
      const facts: CaptureFile = isNothing ? { ...ended, state: 'deleted' } : ended;
      this.#countKept(file);
      this.#context.count('dropped_disk_frames', lost);
      if (file.failure !== undefined) this.#diskFailed(file.worker, facts.path, file.failure);
      this.#list(facts);
      this.#wiring.tell(facts);
    })();
    this.#closing.add(closed);
    void closed.finally(() => this.#closing.delete(closed));
  }

  /** Its bytes cannot be written: the file ends behind its last whole packet, and its worker begins another where there is room. */
  #fail(file: StoredFile): void {
    if (this.#files.get(file.facts.number) !== file) return;
    this.#close(file);
    this.#diskFailed(file.worker, file.facts.path, file.failure as Error);
  }

  #diskFailed(worker: number, path: string, error: Error): void {
    const { log } = this.#context;
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
      log.error(`${path} is there already and is not written over; packets go to the next file`);
    } else if (this.#folders.markFull(path)) {
      log.error(`${path}: ${error.message}; packets are kept elsewhere or not at all until there is room`);
      this.#context.count('full_folders');
    }
    if (this.#stopped) return;
    const desk = this.#desks[worker] as PacketDesk;
    // A ticket may lead into the same folder.
    this.#forget(desk.take());
    desk.nextEpoch();
    void this.#offer(worker);
  }

  /** Chunks of a file that has ended for want of room. */
  #lose(worker: number, chunk: PacketChunk): void {
    if (chunk.type !== 'data') return;
    this.#context.count('dropped_disk_frames', chunk.packets);
    if (chunk.endsBlock) (this.#desks[worker] as PacketDesk).setBlockStart(chunk.nextBlock, -2);
  }

  #countKept(file: StoredFile): void {
    const kept = file.takeKept();
    if (kept > 0) this.#context.count('written_frames', kept);
  }

  /** A line in the list. On a full disk the list is written anew when there is room again. */
  #list(facts: CaptureFile): void {
    try {
      this.#catalog.add(facts);
    } catch (error) {
      if (!this.#isListBehind) this.#context.log.warn(`${this.#catalog.path}: ${(error as Error).message}`);
      this.#isListBehind = true;
    }
  }

  #mendList(): void {
    if (!this.#isListBehind) return;
    try {
      this.#catalog.compact();
      this.#isListBehind = false;
    } catch {
      // Still no room; the next run looks what has become of the files.
    }
  }

  /** Files that an earlier run had open when it was killed end with what is there. */
  async #endOld(): Promise<void> {
    for (const facts of this.#catalog.files) {
      if (facts.state !== 'open') continue;
      const handle = await open(facts.path, 'r').catch(() => undefined);
      const bytes = handle === undefined ? undefined : (await handle.stat()).size;
      await handle?.close();
      const ended: CaptureFile =
        bytes === undefined ? { ...facts, state: 'deleted' } : { ...facts, state: 'closed', bytes, finishUs: Date.now() * 1000 };
      this.#list(ended);
      this.#wiring.tell(ended);
    }
  }

  // Tickets.

  async #offer(worker: number): Promise<void> {
    const desk = this.#desks[worker] as PacketDesk;
    if (this.#offering.has(worker) || desk.hasTicket || this.#stopped) return;
    this.#offering.add(worker);
    try {
      const directory = await this.#folders.next();
      if (directory === undefined) {
        desk.setSaving(false);
        return;
      }
      const { epoch } = desk;
      const number = await this.#numbers.next();
      const keys = this.#newKey(number);
      this.#isWithoutNumber = false;
      desk.offer({ number, directory, epoch, keys });
      desk.setSaving(true);
    } catch (error) {
      // It is tried again soon. Where the disk is to blame nobody is to wait; else open files go on meanwhile.
      if (this.#numbers.areOnDisk) desk.setSaving(false);
      else this.#context.count('missed_numbers');
      if (!this.#isWithoutNumber && !this.#stopped)
        this.#context.log.warn(`no number for a capture file: ${(error as Error).message}`);
      this.#isWithoutNumber = true;
    } finally {
      this.#offering.delete(worker);
    }
  }

  #offerMissing(): void {
    for (const worker of this.#desks.keys()) void this.#offer(worker);
  }

  #forget(ticket: unknown): void {
    if (typeof ticket === 'object' && ticket !== null) this.#keys.delete((ticket as { number: number }).number);
  }

  #newKey(number: number): Partial<CaptureFile> {
    const { encryption, key_id, key_wrapping } = this.#config;
    if (this.#kek === undefined || encryption === 'none') return {};
    // The key's name may hold a date, and the file of keys may have grown.
    if (key_id.includes('%')) this.#kek = wrappingKey(this.#config, this.#node);
    const { fileKey, facts } = newFileKey(encryption, this.#kek.id, this.#kek.text, key_wrapping);
    this.#keys.set(number, fileKey);
    return facts;
  }

  // Room.

  async #checkRoom(): Promise<void> {
    try {
      if (this.#config.delete_oldest) await this.#makeRoom();
      this.#mendList();
      if (!this.#folders.anyFull) return;
      const again = await this.#folders.recheck();
      if (again.length === 0) return;
      this.#context.log.info(`there is room again in ${again.join(', ')}: packets are kept`);
      this.#offerMissing();
      for (const desk of this.#desks) if (desk.hasTicket) desk.setSaving(true);
    } catch (error) {
      this.#context.log.warn(`room for capture files: ${(error as Error).message}`);
    }
  }

  async #makeRoom(): Promise<void> {
    const { free_percent, free_bytes, keep_newest } = this.#config;
    const gone = await deleteOldest(this.#folders, this.#catalog, {
      freePercent: free_percent,
      freeBytes: free_bytes,
      keepNewest: keep_newest,
    });
    for (const file of gone) {
      this.#context.log.info(`${file.path} was deleted to make room`);
      this.#context.count('deleted_files');
      this.#wiring.tell(file);
    }
  }

  // Local indexes.

  async #index(chunk: PacketChunk): Promise<void> {
    const path = join(this.#folders.paths[0] as string, `${this.#node.replaceAll('/', '_')}-${chunk.file}.index`);
    const { offset } = chunk;
    const bytes = Buffer.from(chunk.bytes);
    try {
      let handle = this.#indexes.get(path);
      if (handle === undefined) {
        if (this.#indexes.size === indexesMost) {
          const [[oldest, its]] = this.#indexes as unknown as [[string, FileHandle]];
          this.#indexes.delete(oldest);
          await its.close();
        }
        handle = await open(path, offset === 0 ? 'w' : 'r+', this.#mode);
        this.#indexes.set(path, handle);
      }
      await handle.write(bytes, 0, bytes.length, offset);
    } catch (error) {
      this.#context.count('lost_index_bytes', bytes.length);
      this.#context.log.warn(`${path}: ${(error as Error).message}`);
    }
  }
}
