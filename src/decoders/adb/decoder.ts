// The Android Debug Bridge in one session: between an ADB server and a device (messages of 24 bytes and a payload), or
// between a client and an ADB server (requests with their length in hex). Formats as in the Android sources'
// documentation, protocol.txt, SERVICES.TXT and SYNC.TXT. Made for each session by the definition; runs on packet workers.

import { tagsField } from '../../record/index.ts';
import { type DecoderContext, type Direction, HANDOVER } from '../contract.ts';
import { FramedDecoder, needMoreBytes, noMessage } from '../framed-decoder.ts';
import { textOf } from '../wire-text.ts';
import { adbAnomalies } from './anomalies.ts';
import { adbFields } from './fields.ts';
import type { AdbOptions } from './options.ts';
import { noteService } from './service.ts';
import { ShellPackets, SyncPackets } from './stream-contents.ts';

export const headBytes = 24;
const requestHead = 4;

const commands = new Set(['SYNC', 'CNXN', 'AUTH', 'OPEN', 'OKAY', 'CLSE', 'WRTE', 'STLS']);

/** By the first argument of AUTH. */
const authTypes = ['', 'token', 'signature', 'rsapublickey'];

/** Longest banner of CNXN that is read. */
const bannerMost = 4096;

/** Length of the message at `at`: its command is checked by the magic word at its end. */
export function messageLength(bytes: Buffer, at: number, to: number): number {
  if (to - at < headBytes) return needMoreBytes;
  if (!commands.has(bytes.toString('latin1', at, at + 4))) return noMessage;
  if ((bytes.readInt32LE(at) ^ bytes.readInt32LE(at + 20)) !== -1) return noMessage;
  return headBytes + bytes.readUInt32LE(at + 12);
}

/** Length of the request at `at`: four digits of hex, and as many bytes. */
export function requestLength(bytes: Buffer, at: number, to: number): number {
  if (to - at < requestHead) return needMoreBytes;
  const digits = bytes.toString('latin1', at, at + requestHead);
  return /^[0-9a-fA-F]{4}$/.test(digits) ? requestHead + Number.parseInt(digits, 16) : noMessage;
}

interface Stream {
  readonly opener: Direction;
  /** What each direction carries; undefined: nothing that is read. */
  readonly contents: readonly [SyncPackets | ShellPackets | undefined, SyncPackets | ShellPackets | undefined];
}

export class AdbDecoder extends FramedDecoder {
  readonly #maxStreams: number;
  /** By the opener's direction and its identifier. */
  readonly #streams: Map<string, Stream>;
  /** Whether it is a client's session with an ADB server; undefined until the first bytes. */
  #isServer: boolean | undefined;
  readonly #startTls: [boolean, boolean];

  constructor(context: DecoderContext, options: AdbOptions) {
    super(context, options.max_message_bytes);
    this.#maxStreams = options.max_streams;
    this.#streams = new Map();
    this.#isServer = undefined;
    this.#startTls = [false, false];
  }

  protected lengthAt(direction: Direction, bytes: Buffer, at: number, to: number): number {
    if (this.#isServer === undefined) {
      if (to - at < requestHead) return needMoreBytes;
      this.#isServer = requestLength(bytes, at, to) !== noMessage;
      // What an ADB server answers depends on the request.
      if (this.#isServer) this.ignore(direction === 0 ? 1 : 0);
    }
    return this.#isServer ? requestLength(bytes, at, to) : messageLength(bytes, at, to);
  }

  protected message(direction: Direction, bytes: Buffer, from: number, to: number, length: number): number {
    if (this.#isServer === true) {
      const text = from + requestHead;
      const contents = noteService(this.context, bytes, text, to);
      // The stream is the service's from here on; requests of others may follow each other.
      if (contents !== 'other') this.ignore(direction);
      return 0;
    }
    const command = bytes.toString('latin1', from, from + 4);
    const first = bytes.readUInt32LE(from + 4);
    const second = bytes.readUInt32LE(from + 8);
    const { context } = this;
    context.note(adbFields.command, command.toLowerCase());
    const payload = from + headBytes;
    switch (command) {
      case 'CNXN':
        this.#connect(first, second, bytes, payload, to);
        return 0;
      case 'AUTH': {
        const type = authTypes[first];
        if (type !== undefined && type !== '') context.note(adbFields.authType, type);
        return 0;
      }
      case 'OPEN':
        context.note(adbFields.streamId, String(first));
        this.#open(direction, first, bytes, payload, to);
        return 0;
      case 'OKAY':
      case 'WRTE':
      case 'CLSE':
        context.note(adbFields.streamId, `${first}-${second}`);
        this.#carry(direction, command, first, second, bytes, payload, to, length > to - from);
        return 0;
      case 'STLS':
        context.note(tagsField, 'adb:tls');
        this.#startTls[direction] = true;
        if (!this.#startTls[0] || !this.#startTls[1]) return 0;
        context.note(tagsField, 'adb:tls-encrypted');
        return HANDOVER;
      default:
        return 0;
    }
  }

  /** `systemtype:serial:banner`. */
  #connect(version: number, maxPayload: number, bytes: Buffer, from: number, to: number): void {
    const { context } = this;
    context.note(adbFields.version, `0x${version.toString(16).padStart(8, '0')}`);
    context.note(adbFields.maxPayload, String(maxPayload));
    const banner = textOf(bytes, from, Math.min(to, from + bannerMost)).split('\0', 1)[0] as string;
    const [type = '', serial = ''] = banner.split(':', 3);
    if (type !== '') context.note(adbFields.systemType, type.toLowerCase());
    if (serial !== '') context.note(adbFields.serial, serial);
  }

  #open(direction: Direction, id: number, bytes: Buffer, from: number, to: number): void {
    const { context } = this;
    const contents = noteService(context, bytes, from, to);
    if (contents === 'other') return;
    if (this.#streams.size >= this.#maxStreams) {
      context.anomaly(adbAnomalies.too_many_streams, context.startUs);
      return;
    }
    const read = (each: Direction): SyncPackets | ShellPackets | undefined => {
      if (contents === 'sync') return new SyncPackets(context, each === direction);
      return each === direction ? undefined : new ShellPackets(context);
    };
    this.#streams.set(`${direction}:${id}`, { opener: direction, contents: [read(0), read(1)] });
  }

  /** A message of an open stream: `local` is the sender's identifier of it, `remote` the receiver's. */
  #carry(
    direction: Direction,
    command: string,
    local: number,
    remote: number,
    bytes: Buffer,
    from: number,
    to: number,
    isCut: boolean,
  ): void {
    if (this.#streams.size === 0) return;
    const own = `${direction}:${local}`;
    const key = this.#streams.has(own) ? own : `${1 - direction}:${remote}`;
    const stream = this.#streams.get(key);
    if (stream === undefined) return;
    if (command === 'CLSE') this.#streams.delete(key);
    else if (command === 'WRTE') {
      const contents = stream.contents[direction];
      contents?.data(bytes, from, to);
      if (isCut) contents?.stop();
    }
  }
}
