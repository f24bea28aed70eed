// What streams of ADB carry, read in one direction across messages: the packets of file synchronisation and of shell v2.
// One for each direction of a stream, used by the decoder on a packet worker.

import type { DecoderContext } from '../contract.ts';
import { textOf } from '../wire-text.ts';
import { adbFields } from './fields.ts';

/** Paths that are read. */
const pathMost = 1024;

/** Requests whose data are a path, by the names of both versions. */
const withPath = new Set(['STAT', 'LIST', 'SEND', 'RECV', 'STA2', 'LST2', 'LIS2', 'SND2', 'RCV2']);
/** Packets whose second word is a length of data; FAIL says why in it. */
const withData = new Set(['DATA', 'FAIL']);
/** Packets whose second word is no length, and which have nothing else. */
const alone = new Set(['DONE', 'OKAY', 'QUIT']);
/** Bytes behind the first eight of a server's answers: mode, size, time; DENT has a name's length and the name. */
const statRest = 8;
const entryRest = 12;

/** Gathers a fixed number of bytes, or passes over some. */
abstract class Packets {
  protected readonly head: Buffer;
  #filled: number;
  /** Bytes of the head that are wanted; 0: nothing is read any more. */
  #wanted: number;
  #skip: number;

  constructor(headMost: number, wanted: number) {
    this.head = Buffer.alloc(headMost);
    this.#filled = 0;
    this.#wanted = wanted;
    this.#skip = 0;
  }

  /** @returns how many bytes the head has next; 0: no more is read. `pass` may be called before. */
  protected abstract complete(length: number): number;

  /** Passes over bytes behind the head. */
  protected pass(length: number): void {
    this.#skip = length;
  }

  data(bytes: Buffer, from: number, to: number): void {
    let at = from;
    while (at < to && this.#wanted > 0) {
      const passed = Math.min(this.#skip, to - at);
      this.#skip -= passed;
      at += passed;
      const taken = Math.min(this.#wanted - this.#filled, to - at);
      bytes.copy(this.head, this.#filled, at, at + taken);
      this.#filled += taken;
      at += taken;
      if (this.#filled < this.#wanted) continue;
      const before = this.#filled;
      const next = Math.min(this.complete(before), this.head.length);
      this.#wanted = next;
      // A longer head is the same one with more bytes.
      this.#filled = next > before ? before : 0;
    }
  }

  /** Bytes were lost. */
  stop(): void {
    this.#wanted = 0;
  }
}

const syncHead = 8;

/** `SYNC` services: an identifier of four letters, a word, data. */
export class SyncPackets extends Packets {
  readonly #context: DecoderContext;
  readonly #isClient: boolean;

  constructor(context: DecoderContext, isClient: boolean) {
    super(syncHead + pathMost, syncHead);
    this.#context = context;
    this.#isClient = isClient;
  }

  protected complete(length: number): number {
    const name = this.head.toString('latin1', 0, 4);
    const word = this.head.readUInt32LE(4);
    if (length > syncHead) {
      this.#path(name, length, word);
      return syncHead;
    }
    if (!withPath.has(name) && !withData.has(name) && !alone.has(name) && name !== 'DENT') return 0;
    this.#context.note(adbFields.syncOperation, name);
    if (alone.has(name)) return syncHead;
    if (withData.has(name)) {
      this.pass(word);
      return syncHead;
    }
    if (this.#isClient && withPath.has(name)) {
      if (word === 0) return syncHead;
      const read = Math.min(word, pathMost);
      return syncHead + read;
    }
    if (name === 'STAT') this.pass(statRest);
    else if (length === syncHead && name === 'DENT') return syncHead + entryRest;
    else return 0;
    return syncHead;
  }

  #path(name: string, length: number, word: number): void {
    if (name === 'DENT') {
      this.pass(this.head.readUInt32LE(length - 4));
      return;
    }
    this.pass(word - (length - syncHead));
    const path = textOf(this.head, syncHead, length);
    // `SEND` has the file's mode behind the path.
    const end = name === 'SEND' ? path.lastIndexOf(',') : -1;
    this.#context.note(adbFields.syncPath, end < 0 ? path : path.slice(0, end));
  }
}

const shellHead = 5;
const exitPacket = 3;

/** Shell v2: an identifier, a length of four bytes, data. */
export class ShellPackets extends Packets {
  readonly #context: DecoderContext;

  constructor(context: DecoderContext) {
    super(shellHead + 1, shellHead);
    this.#context = context;
  }

  protected complete(length: number): number {
    const size = this.head.readUInt32LE(1);
    if (length > shellHead) {
      this.#context.note(adbFields.exitCode, String(this.head[shellHead]));
      this.pass(size - 1);
      return shellHead;
    }
    if (this.head[0] === exitPacket && size > 0) return shellHead + 1;
    this.pass(size);
    return shellHead;
  }
}
