// The store of one packet worker: lays packets out in capture files of its own, gives each its place, and hands the bytes to the
// thread that writes them, through a ring, in chunks of whole packets (pictures: src/pcap/packet-chunk.ts). It decides when
// a file is full and where a block ends; numbers, folders and keys come from the writing thread by tickets. Never touches a disk.

import { monotonicMs } from '../monotonic-clock.ts';
import type { PacketView } from '../packet/index.ts';
import {
  BlockStart,
  ChunkLayout,
  ChunkType,
  endsBlockFlag,
  type FileDesk,
  fileEnding,
  fileHeadBytes,
  fileName,
  indexBytes,
  Magic,
  mostEncryptedBytes,
  recordHeadBytes,
  shortHeadBytes,
  shortMostBytes,
  shortSpanSecs,
  snapLength,
  timeText,
  writeFileHead,
  writeRecordHead,
  writeShortHead,
} from '../pcap/index.ts';
import type { FileForm, FileTicket } from '../plugin/index.ts';
import type { CaptureFile } from '../record/index.ts';
import { RecordKind } from '../ring/index.ts';
import type { PacketStore } from '../session/index.ts';
import type { PacketLink } from './packet-link.ts';

/** A chunk is handed over when it has grown to this size, or at the end of a batch. */
const chunkBytes = 262_144;
/** Files that a worker has open at a time, one a link type. */
const openMost = 8;
/** How long a worker waits for a ticket when it can do without, once for each time that there is none. */
const ticketWaitMs = 1000;
const waitStepMs = 100;
/** A block that is not full ends after this time, so that its packets can be read. */
const blockIdleMs = 10_000;
/** How long a position is waited for; blocks are packed within milliseconds unless something is very wrong. */
const positionWaitMs = 30_000;
/** A short head counts from a base second; packets may be a little older than the first one. */
const shortLeadSecs = 60;

interface OpenFile {
  readonly number: number;
  readonly linkType: number;
  readonly firstUs: number;
  readonly epoch: number;
  /** Base second of short heads. */
  readonly zone: number;
  /** Unpacked bytes that positions, or the counter of its encryption, reach. */
  readonly mostBytes: number;
  /** Bytes of the unpacked file so far. */
  at: number;
  block: number;
  blockAt: number;
  blockSinceMs: number;
  /** It should have ended, but there was no other. */
  isOverdue: boolean;
}

export interface PacketFilesOptions {
  readonly form: FileForm;
  readonly desk: FileDesk;
  readonly link: PacketLink;
  /** Called before the first packet of a file is kept. */
  begun(file: CaptureFile): void;
}

export class PacketFiles implements PacketStore {
  fileNumber = 0;
  /** Bytes of what `index` has put last. */
  indexLength = 0;
  readonly sessionPackets: number;
  readonly sessionBytes: number;
  readonly hasIndex: boolean;
  readonly #form: FileForm;
  readonly #desk: FileDesk;
  readonly #link: PacketLink;
  readonly #begun: (file: CaptureFile) => void;
  readonly #node: string;
  readonly #blockUnit: number;
  readonly #files: OpenFile[] = [];
  readonly #indexEnds = new Map<number, number>();
  #file: OpenFile | undefined;
  #nextBlock = 0;
  #ticketMissed = false;
  /** A ticket that could not be used yet. */
  #held: FileTicket | undefined;
  /** The chunk in hand: where it begins in the ring, how far it is filled and may be; -1: none. */
  #chunk = -1;
  #used = 0;
  #limit = 0;
  #packets = 0;
  #frameBytes = 0;
  #lastUs = 0;
  #chunkFile: OpenFile | undefined;

  constructor(options: PacketFilesOptions) {
    this.#form = options.form;
    this.#desk = options.desk;
    this.#link = options.link;
    this.#begun = options.begun;
    this.#node = options.form.node;
    this.sessionPackets = options.form.sessionPackets;
    this.sessionBytes = options.form.sessionBytes;
    this.hasIndex = options.form.localIndex;
    this.#blockUnit = options.form.compression === 'none' ? 0 : 2 ** options.form.uncompressedBits;
  }

  keep(view: PacketView): number {
    const link = this.#link;
    link.offered();
    if (!this.#desk.saving) {
      link.refused('disk');
      return -1;
    }
    let file = this.#file;
    if (file === undefined || file.linkType !== view.linkType || !this.#takes(file, view)) {
      file = this.#turnTo(view);
      if (file === undefined) return -1;
    }
    if (this.#blockUnit !== 0 && file.at - file.blockAt >= this.#form.blockBytes && !this.#endBlock(file)) {
      link.refused(link.refusal);
      return -1;
    }
    const short = this.#form.shortHead;
    const captured = Math.min(view.capturedLength, short ? shortMostBytes : snapLength);
    const head = short ? shortHeadBytes : recordHeadBytes;
    const at = this.#room(file, head + captured);
    if (at < 0) {
      link.refused(link.refusal);
      return -1;
    }
    const target = link.writer.data;
    const timeUs = view.timeUs;
    const seconds = Math.floor(timeUs / 1e6);
    const micros = timeUs - seconds * 1e6;
    if (short) writeShortHead(target, at, seconds - file.zone, micros, captured);
    else writeRecordHead(target, at, seconds, micros, captured, view.wireLength);
    const frame = view.frameStart;
    view.bytes.copy(target, at + head, frame, frame + captured);
    this.#used += head + captured;
    this.#packets += 1;
    this.#frameBytes += captured;
    if (timeUs > this.#lastUs) this.#lastUs = timeUs;
    this.fileNumber = file.number;
    const place = this.#blockUnit === 0 ? file.at : file.block * this.#blockUnit + (file.at - file.blockAt);
    file.at += head + captured;
    return place;
  }

  position(_fileNumber: number, place: number): number {
    const unit = this.#blockUnit;
    if (unit === 0) return place;
    const start = this.#blockStart(Math.floor(place / unit));
    if (start >= 0) return start * unit + (place % unit);
    this.#link.lostPosition();
    return 0;
  }

  /**
   * Puts the positions of a session in a file into that file's local index. Returns their offset there, or -1; `indexLength` is
   * then how many bytes they are.
   */
  index(fileNumber: number, positions: readonly number[]): number {
    this.#commit(0);
    const bytes = indexBytes(positions);
    const offset = this.#indexEnds.get(fileNumber) ?? 0;
    const room = Math.min(this.#link.writer.maxRecordBytes - ChunkLayout.size, chunkBytes);
    for (let from = 0; from < bytes.length; from += room) {
      const part = bytes.subarray(from, from + room);
      const at = this.#link.reserve(ChunkLayout.size + part.length);
      if (at < 0) return -1;
      part.copy(this.#link.writer.data, at + ChunkLayout.size);
      this.#seal(at, ChunkType.index, 0, part.length, fileNumber, offset + from);
    }
    this.#indexEnds.set(fileNumber, offset + bytes.length);
    this.indexLength = bytes.length;
    return offset;
  }

  /** Ends a batch: the writing thread sees what was kept. */
  publish(urgent = true): void {
    this.#commit(0);
    if (this.#blockUnit !== 0 && this.#form.live) {
      const dueMs = monotonicMs() - blockIdleMs;
      for (const file of this.#files) if (file.at > file.blockAt && file.blockSinceMs < dueMs) this.#endBlock(file);
    }
    this.#link.writer.publish(urgent);
  }

  /** No packet will follow: all files end. */
  close(): void {
    for (const file of [...this.#files]) this.#close(file);
    this.#link.writer.close();
  }

  // Files.

  /** Whether a file goes on with a packet. */
  #takes(file: OpenFile, view: PacketView): boolean {
    const { rotateBytes, rotateSecs, shortHead } = this.#form;
    const timeUs = view.timeUs;
    if (file.epoch !== this.#desk.epoch || file.at >= rotateBytes) return false;
    if (rotateSecs > 0 && timeUs - file.firstUs >= rotateSecs * 1e6) return false;
    if (!shortHead) return true;
    const seconds = Math.floor(timeUs / 1e6) - file.zone;
    return seconds >= 0 && seconds < shortSpanSecs;
  }

  /** Whether a file that should end could still hold a packet: where there is no number for another, that loses nothing. */
  #canGoOn(file: OpenFile, view: PacketView): boolean {
    if (file.epoch !== this.#desk.epoch || file.at >= file.mostBytes) return false;
    if (!this.#form.shortHead) return true;
    const seconds = Math.floor(view.timeUs / 1e6) - file.zone;
    return seconds >= 0 && seconds < shortSpanSecs;
  }

  /** Whether another file could begin now; a ticket is then in hand. */
  #hasNext(): boolean {
    this.#held = this.#ticket(true);
    return this.#held !== undefined;
  }

  /** The file for a packet that the last one's does not take: another open one, or a new one. Undefined, and counted, when there is none. */
  #turnTo(view: PacketView): OpenFile | undefined {
    const linkType = view.linkType;
    let file = this.#files.find((open) => open.linkType === linkType);
    if (file !== undefined && !this.#takes(file, view)) {
      if (this.#canGoOn(file, view) && !this.#hasNext()) {
        if (!file.isOverdue) this.#link.overdue();
        file.isOverdue = true;
        this.#file = file;
        return file;
      }
      if (!this.#close(file)) {
        this.#link.refused(this.#link.refusal);
        return undefined;
      }
      file = undefined;
    }
    if (file === undefined && this.#files.length === openMost) {
      this.#link.refused('link_types');
      return undefined;
    }
    file ??= this.#open(view);
    if (file !== undefined) this.#file = file;
    return file;
  }

  #open(view: PacketView): OpenFile | undefined {
    const ticket = this.#ticket();
    if (ticket === undefined) {
      this.#link.refused(this.#desk.saving ? 'no_file' : 'disk');
      return undefined;
    }
    const form = this.#form;
    const epoch = this.#desk.epoch;
    const firstUs = view.timeUs;
    const facts = this.#facts(ticket, firstUs);
    this.#commit(0);
    const text = Buffer.from(JSON.stringify(facts));
    const at = this.#link.reserve(ChunkLayout.size + text.length);
    if (at < 0) {
      this.#held = ticket;
      this.#link.refused(this.#link.refusal);
      return undefined;
    }
    text.copy(this.#link.writer.data, at + ChunkLayout.size);
    const block = this.#newBlock();
    const zone = form.shortHead ? Math.floor(firstUs / 1e6) - shortLeadSecs : 0;
    const file: OpenFile = {
      number: ticket.number,
      linkType: view.linkType,
      firstUs,
      epoch,
      zone,
      mostBytes: this.#mostBytes(ticket),
      at: 0,
      block,
      blockAt: 0,
      blockSinceMs: 0,
      isOverdue: false,
    };
    this.#seal(at, ChunkType.open, 0, text.length, file.number, 0, block);
    this.#files.push(file);
    this.#begun(facts);
    const head = this.#room(file, fileHeadBytes);
    if (head < 0 || !this.#begin(file, head)) {
      // Without its head the file is nothing; what was begun ends at once.
      this.#link.refused(this.#link.refusal);
      this.#close(file);
      return undefined;
    }
    return file;
  }

  /** Writes the file's head; compressed it is a block of its own. */
  #begin(file: OpenFile, at: number): boolean {
    const magic = this.#form.shortHead ? Magic.short : Magic.microseconds;
    writeFileHead(this.#link.writer.data, at, magic, file.linkType, file.zone);
    this.#used += fileHeadBytes;
    file.at = fileHeadBytes;
    return this.#blockUnit === 0 || this.#endBlock(file);
  }

  /** `goesOn`: it is no loss when there is none. */
  #ticket(goesOn = false): FileTicket | undefined {
    const desk = this.#desk;
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined && held.epoch === desk.epoch) return held;
    const deadline = monotonicMs() + ticketWaitMs;
    for (;;) {
      const turn = desk.turn;
      const ticket = desk.take() as FileTicket | undefined;
      if (ticket !== undefined) {
        this.#ticketMissed = false;
        return ticket;
      }
      if (!desk.saving || this.#link.abort.aborted) return undefined;
      if ((goesOn || this.#link.policy === 'drop') && (this.#ticketMissed || monotonicMs() > deadline)) {
        this.#ticketMissed = true;
        return undefined;
      }
      // The writing thread may wait for what is in hand before it makes a ticket.
      this.#commit(0);
      this.#link.writer.publish();
      desk.wait(turn, waitStepMs);
    }
  }

  #mostBytes({ keys }: FileTicket): number {
    const positions = 2 ** 53 / Math.max(1, this.#blockUnit);
    const most = keys.encryption === 'aes-256-ctr' ? Math.min(positions, mostEncryptedBytes) : positions;
    // Packets that do not shrink take a little more room in blocks than without.
    return most * 0.999;
  }

  #facts(ticket: FileTicket, firstUs: number): CaptureFile {
    const form = this.#form;
    const { number, directory, keys } = ticket;
    const encrypted = keys.encryption !== undefined;
    const folder = form.folderTemplate === '' ? directory : `${directory}/${timeText(form.folderTemplate, firstUs)}`;
    const name = fileName(form.nameTemplate, this.#node, number, firstUs);
    return {
      state: 'open',
      number,
      node: this.#node,
      path: `${folder}/${name}${fileEnding(form.compression, encrypted, form.shortHead)}`,
      firstUs,
      startUs: Date.now() * 1000,
      positions: form.localIndex ? 'localIndex' : form.gapPositions ? 'gap0' : 'plain',
      ...(form.compression === 'none' ? {} : { compression: form.compression, uncompressedBits: form.uncompressedBits }),
      ...keys,
      ...(form.localIndex ? { indexPath: `${form.indexFolder}/${this.#node.replaceAll('/', '_')}-${number}.index` } : {}),
    };
  }

  #close(file: OpenFile): boolean {
    if (this.#chunkFile === file) this.#commit(0);
    if (this.#blockUnit !== 0 && file.at > file.blockAt && file.epoch === this.#desk.epoch && !this.#endBlock(file)) return false;
    this.#commit(0);
    const at = this.#link.reserve(ChunkLayout.size);
    if (at < 0) return false;
    this.#seal(at, ChunkType.close, 0, 0, file.number, file.at);
    this.#files.splice(this.#files.indexOf(file), 1);
    if (this.#file === file) this.#file = undefined;
    return true;
  }

  // Blocks.

  #newBlock(): number {
    const block = this.#nextBlock;
    this.#nextBlock += 1;
    if (this.#blockUnit !== 0) this.#desk.beginBlock(block);
    return block;
  }

  /** Ends the block of a file; the next packet begins another. False when there is no room to say so; then it goes on. */
  #endBlock(file: OpenFile): boolean {
    if (this.#chunk < 0 || this.#chunkFile !== file) {
      this.#commit(0);
      const at = this.#link.reserve(ChunkLayout.size);
      if (at < 0) return false;
      this.#chunk = at;
      this.#used = ChunkLayout.size;
      this.#limit = ChunkLayout.size;
      this.#chunkFile = file;
    }
    const next = this.#newBlock();
    this.#commit(endsBlockFlag, next);
    file.block = next;
    file.blockAt = file.at;
    file.blockSinceMs = this.#form.live ? monotonicMs() : 0;
    return true;
  }

  #blockStart(block: number): number {
    const desk = this.#desk;
    let start = desk.blockStart(block, this.#nextBlock);
    if (start !== BlockStart.unknown) return start;
    const { epoch } = desk;
    const deadline = monotonicMs() + positionWaitMs;
    this.#commit(0);
    this.#link.writer.publish();
    for (;;) {
      const { turn } = desk;
      start = desk.blockStart(block, this.#nextBlock);
      if (start !== BlockStart.unknown) return start;
      if (desk.epoch !== epoch || this.#link.abort.aborted || monotonicMs() > deadline) return BlockStart.never;
      desk.wait(turn, waitStepMs);
    }
  }

  // Chunks.

  /** Offset of `bytes` bytes in the chunk in hand, which is begun anew where it is another file's or full; -1: no room. */
  #room(file: OpenFile, bytes: number): number {
    if (this.#chunk < 0 || this.#chunkFile !== file || this.#used + bytes > this.#limit) {
      this.#commit(0);
      const least = ChunkLayout.size + bytes;
      const { writer } = this.#link;
      const wanted = Math.max(least, Math.min(chunkBytes, writer.maxRecordBytes));
      let claimed = wanted;
      let at = writer.claim(wanted);
      if (at < 0) {
        claimed = least;
        at = this.#link.reserve(least);
      }
      if (at < 0) return -1;
      this.#chunk = at;
      this.#used = ChunkLayout.size;
      this.#limit = claimed;
      this.#chunkFile = file;
    }
    return this.#chunk + this.#used;
  }

  /** Hands the chunk in hand over. */
  #commit(flags: number, nextBlock = 0): void {
    const at = this.#chunk;
    const file = this.#chunkFile;
    if (at < 0 || file === undefined) return;
    const bytes = this.#used - ChunkLayout.size;
    this.#chunk = -1;
    this.#chunkFile = undefined;
    if (bytes === 0 && flags === 0) return;
    this.#seal(at, ChunkType.data, flags, bytes, file.number, file.at - bytes, nextBlock);
    this.#link.put(bytes, this.#frameBytes);
    this.#frameBytes = 0;
  }

  #seal(at: number, type: number, flags: number, bytes: number, file: number, offset: number, nextBlock = 0): void {
    const { writer } = this.#link;
    const word = at >> 2;
    writer.data[at + ChunkLayout.type] = type;
    writer.data[at + ChunkLayout.flags] = flags;
    writer.doubles[(at + ChunkLayout.lastUs) >> 3] = this.#lastUs;
    writer.words[word + (ChunkLayout.file >> 2)] = file;
    writer.words[word + (ChunkLayout.packets >> 2)] = type === ChunkType.data ? this.#packets : 0;
    writer.words[word + (ChunkLayout.nextBlock >> 2)] = nextBlock;
    writer.doubles[(at + ChunkLayout.offset) >> 3] = offset;
    writer.commit(ChunkLayout.size + bytes, RecordKind.record);
    if (type === ChunkType.data) {
      this.#packets = 0;
      this.#lastUs = 0;
    }
  }
}
