// The main thread's side of sources that are folders: what is done with a file once everything of it is written. With `skip`
// it is put into the ledger, with `delete` it is deleted.

import { statSync, unlinkSync } from 'node:fs';
import { resolve } from 'node:path';
import type { FolderSourceConfig, SourceConfig } from '../config/index.ts';
import type { ParkingLot } from '../ring/index.ts';
import { addToLedger, tidyLedger } from './folder-ledger.ts';
import type { LogLevel } from './protocol.ts';
import { ReadFiles, type ReportedFile } from './read-files.ts';
import { Progress } from './survey.ts';

export interface FolderRings {
  readonly lot: ParkingLot;
  /** [capture][packet worker] */
  readonly packetRings: readonly (readonly SharedArrayBuffer[])[];
  /** [output][producer] */
  readonly outputRings: readonly (readonly SharedArrayBuffer[])[];
  parkOfPacket(index: number): number;
  parkOfOutput(index: number): number;
}

/** Whether anything is to be done with the files of a source. */
function isFollowed(source: SourceConfig): source is FolderSourceConfig {
  return source.kind === 'folder' && (source.skip || source.delete);
}

export class FolderSources {
  readonly #sources: readonly SourceConfig[];
  readonly #directory: string;
  readonly #log: (level: LogLevel, message: string) => void;
  readonly #packets: readonly SharedArrayBuffer[];
  readonly #outputs: readonly SharedArrayBuffer[];
  #files: ReadFiles | undefined;

  /** `sources` by capture worker; `directory` is that of relative paths. */
  constructor(
    sources: readonly SourceConfig[],
    packetWorkers: number,
    outputs: number,
    directory: string,
    log: (level: LogLevel, message: string) => void,
  ) {
    this.#sources = sources;
    this.#directory = directory;
    this.#log = log;
    const followed = sources.some(isFollowed);
    const progress = (count: number, of: number): SharedArrayBuffer[] =>
      followed ? Array.from({ length: count }, () => Progress.create(of)) : [];
    this.#packets = progress(packetWorkers, sources.length);
    this.#outputs = progress(outputs, 0);
  }

  /** Where a packet worker tells how far it is; undefined when nobody asks. */
  progressOfPacket(index: number): SharedArrayBuffer | undefined {
    return this.#packets[index];
  }

  progressOfOutput(index: number): SharedArrayBuffer | undefined {
    return this.#outputs[index];
  }

  /** Before the first file is read. Throws `RT_SOURCE_OPEN` when a ledger cannot be used. */
  start({ lot, packetRings, outputRings, parkOfPacket, parkOfOutput }: FolderRings): void {
    if (this.#packets.length === 0) return;
    for (const source of this.#sources) if (source.kind === 'folder' && source.skip) tidyLedger(this.#ledgerOf(source));
    this.#files = new ReadFiles({
      lot,
      packetRings,
      outputRings,
      packets: this.#packets.map((progress, index) => ({ progress, park: parkOfPacket(index) })),
      outputs: this.#outputs.map((progress, index) => ({ progress, park: parkOfOutput(index) })),
      done: (capture, files) => this.#done(this.#sources[capture] as SourceConfig, files),
    });
  }

  read(capture: number, file: ReportedFile): void {
    if (isFollowed(this.#sources[capture] as SourceConfig)) this.#files?.add(capture, file);
  }

  /** A packet or output worker died and has a successor. */
  threadDied(): void {
    this.#files?.askAgain();
  }

  /** The run is over; `complete`: everything that was received has been written. */
  end(complete: boolean): void {
    this.#files?.end(complete);
  }

  #ledgerOf(source: FolderSourceConfig): string {
    return resolve(this.#directory, source.state_file);
  }

  #done(source: SourceConfig, files: readonly ReportedFile[]): void {
    if (source.kind !== 'folder') return;
    if (source.skip) {
      const entries = files.map(({ path, size, mtime_ms, problem }) => ({
        path,
        size,
        mtime_ms,
        ...(problem === undefined ? {} : { problem }),
      }));
      try {
        addToLedger(this.#ledgerOf(source), entries);
      } catch (error) {
        this.#log('error', `files will be read again by the next run: ${(error as Error).message}`);
      }
    }
    for (const file of files) {
      this.#log('debug', `${file.path}: done, ${file.packets} packets`);
      if (source.delete && file.problem === undefined) this.#delete(file);
    }
  }

  #delete({ path, size, mtime_ms }: ReportedFile): void {
    try {
      const stats = statSync(path, { throwIfNoEntry: false });
      if (stats === undefined) return;
      if (stats.size === size && stats.mtimeMs === mtime_ms) unlinkSync(path);
      else this.#log('warn', `${path}: has changed since it was read, and is not deleted`);
    } catch (error) {
      this.#log('warn', `${path}: could not be deleted: ${(error as Error).message}`);
    }
  }
}
