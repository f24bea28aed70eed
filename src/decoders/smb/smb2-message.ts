// Messages of SMB 2 and 3 (MS-SMB2 2.2): a header of 64 bytes and a body whose variable parts lie at offsets from the
// header. Called by the decoder on packet workers. A message may be cut short; what is not there is passed over.

import { utf16TextOf } from '../wire-text.ts';
import { marked } from './command-marks.ts';
import { smbFields } from './fields.ts';
import { noteSecurityToken } from './security-token.ts';
import type { SmbState } from './state.ts';

/** Offsets in the header (MS-SMB2 2.2.1). */
const at = { status: 8, command: 12, flags: 16, next: 20, body: 64 } as const;
const replyFlag = 1;
const Command = { negotiate: 0, sessionSetup: 1, treeConnect: 3, create: 5, read: 8, write: 9, ioctl: 11 } as const;
/** Commands of which more is read than the header. */
const isRead = marked(Object.values(Command));
/** Messages of one frame, each of which says where the next begins. */
const maxCompound = 32;
/** FSCTL_PIPE_TRANSCEIVE (MS-FSCC 2.3.50). */
const pipeTransceive = 0x0011_c017;

const dialects: ReadonlyMap<number, string> = new Map([
  [0x0202, 'SMB 2.0.2'],
  [0x0210, 'SMB 2.1'],
  [0x0300, 'SMB 3.0'],
  [0x0302, 'SMB 3.0.2'],
  [0x0311, 'SMB 3.1.1'],
]);

/** How much of a message is worth having, by what its header says. */
export function wantedOfSmb2(bytes: Buffer, header: number, state: SmbState): number {
  const command = bytes.readUInt16LE(header + at.command);
  const isData = command === Command.read || command === Command.write;
  return (isRead[command] !== 1 || (isData && !state.hasPipes)) && bytes.readUInt32LE(header + at.next) === 0
    ? 0
    : Number.POSITIVE_INFINITY;
}

/** Reads the messages of a frame; the first header begins at `first`. */
export function readSmb2(state: SmbState, bytes: Buffer, first: number, to: number): void {
  let header = first;
  for (let left = maxCompound; left > 0 && to - header > at.body; left--) {
    const next = bytes.readUInt32LE(header + at.next);
    const end = next === 0 ? to : Math.min(to, header + next);
    const command = bytes.readUInt16LE(header + at.command);
    const body = new Body(bytes, header, end);
    if ((bytes.readUInt32LE(header + at.flags) & replyFlag) === 0) readRequest(state, command, body);
    else if (state.deep) readReply(state, command, body);
    if (next < at.body) return;
    header += next;
  }
}

/** The body of a message: numbers by their offset in it, parts by offset from the header. */
class Body {
  readonly bytes: Buffer;
  readonly #header: number;
  readonly #to: number;

  constructor(bytes: Buffer, header: number, to: number) {
    this.bytes = bytes;
    this.#header = header;
    this.#to = to;
  }

  u16(offset: number): number {
    const position = this.#header + at.body + offset;
    return position + 2 <= this.#to ? this.bytes.readUInt16LE(position) : 0;
  }

  u32(offset: number): number {
    const position = this.#header + at.body + offset;
    return position + 4 <= this.#to ? this.bytes.readUInt32LE(position) : 0;
  }

  /** Where a part begins, given its offset from the header; `#to` when it lies outside. */
  start(offset: number): number {
    return offset < at.body ? this.#to : Math.min(this.#to, this.#header + offset);
  }

  end(offset: number, length: number): number {
    return Math.min(this.#to, this.start(offset) + length);
  }

  text(offset: number, length: number): string {
    const [from, to] = [this.start(offset), this.end(offset, length)];
    return from < to ? utf16TextOf(this.bytes, from, to) : '';
  }
}

function readRequest(state: SmbState, command: number, body: Body): void {
  if (command === Command.treeConnect) {
    const share = body.text(body.u16(4), body.u16(6));
    state.note(smbFields.share, share);
    state.connected(share);
  } else if (command === Command.create) state.note(smbFields.filename, body.text(body.u16(44), body.u16(46)));
  else if (command === Command.sessionSetup && state.deep) noteToken(state, body, body.u16(12), body.u16(14));
  else if (command === Command.write) throughPipe(state, body, body.u16(2), body.u32(4));
  else if (command === Command.ioctl && body.u32(4) === pipeTransceive) {
    throughPipe(state, body, body.u32(24), body.u32(28));
  }
}

function readReply(state: SmbState, command: number, body: Body): void {
  if (command === Command.negotiate) {
    const dialect = dialects.get(body.u16(4));
    if (dialect !== undefined) state.note(smbFields.dialect, dialect);
    noteToken(state, body, body.u16(56), body.u16(58));
  } else if (command === Command.sessionSetup) noteToken(state, body, body.u16(4), body.u16(6));
  else if (command === Command.read) throughPipe(state, body, body.u16(2) & 0xff, body.u32(4));
  else if (command === Command.ioctl && body.u32(4) === pipeTransceive) {
    throughPipe(state, body, body.u32(32), body.u32(36));
  }
}

function noteToken(state: SmbState, body: Body, offset: number, length: number): void {
  noteSecurityToken(state, body.bytes, body.start(offset), body.end(offset, length));
}

function throughPipe(state: SmbState, body: Body, offset: number, length: number): void {
  state.throughPipe(body.bytes, body.start(offset), body.end(offset, length));
}
