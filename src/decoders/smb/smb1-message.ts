// Messages of SMB 1 (MS-CIFS 2.2.3 and 2.2.4, MS-SMB 2.2.4): a header, words, bytes. Called by the decoder on packet
// workers. A message may be cut short; what is not there is passed over.

import { noBytes } from '../lent-buffers.ts';
import { textOf, utf16TextOf } from '../wire-text.ts';
import { marked } from './command-marks.ts';
import { smbFields } from './fields.ts';
import { noteSecurityToken } from './security-token.ts';
import type { SmbState } from './state.ts';

/** Offsets in the header (MS-CIFS 2.2.3.1). */
const at = { command: 4, flags: 9, flags2: 10, words: 32 } as const;
const replyFlag = 0x80;
const unicodeFlag = 0x8000;

const Command = {
  open: 0x02,
  create: 0x03,
  delete: 0x06,
  createNew: 0x0f,
  transaction: 0x25,
  openAndX: 0x2d,
  readAndX: 0x2e,
  writeAndX: 0x2f,
  treeConnect: 0x70,
  negotiate: 0x72,
  sessionSetupAndX: 0x73,
  treeConnectAndX: 0x75,
  ntCreateAndX: 0xa2,
} as const;
/** By command: another may follow in the same message, whose command and offset are the first words. */
const isChained = marked([
  Command.openAndX,
  Command.readAndX,
  Command.writeAndX,
  Command.sessionSetupAndX,
  Command.treeConnectAndX,
  Command.ntCreateAndX,
]);
/** By command: what it carries may be that of a pipe. */
const isData = marked([Command.readAndX, Command.writeAndX, Command.transaction]);
const isRead = marked(Object.values(Command));
const maxChain = 4;
const noCommand = 0xff;

/** As many offered dialects as are kept until the server has chosen: those that are in use are among the first. */
const maxDialects = 10;
const dialectMark = 0x02;
/** Words of a session setup: with a token of a security package, and with passwords (MS-SMB 2.2.4.6.1, MS-CIFS 2.2.4.53.1). */
const setupWords = { token: 12, passwords: 13 } as const;

/** How much of a message is worth having, by what its header says. */
export function wantedOfSmb1(bytes: Buffer, header: number, state: SmbState): number {
  const command = bytes[header + at.command] as number;
  return isRead[command] === 0 || (isData[command] !== 0 && !state.hasPipes) ? 0 : Number.POSITIVE_INFINITY;
}

/** Texts in the bytes of a message: UTF-16 is aligned to the header. */
class Texts {
  #bytes: Buffer = noBytes;
  #header = 0;
  #to = 0;
  #unicode = false;
  #position = 0;

  set(bytes: Buffer, header: number, from: number, to: number, unicode: boolean): void {
    this.#bytes = bytes;
    this.#header = header;
    this.#position = from;
    this.#to = to;
    this.#unicode = unicode;
  }

  /** The next text; '' at the end. `length` in bytes when it is known. */
  next(length = Number.POSITIVE_INFINITY): string {
    if (!this.#unicode) return this.latin1(length);
    if (((this.#position - this.#header) & 1) === 1) this.#position += 1;
    const from = this.#position;
    const limit = Math.min(this.#to, from + length);
    let end = from;
    while (end + 2 <= limit && (this.#bytes[end] !== 0 || this.#bytes[end + 1] !== 0)) end += 2;
    this.#position = end + 2;
    return from < end ? utf16TextOf(this.#bytes, from, end) : '';
  }

  latin1(length = Number.POSITIVE_INFINITY): string {
    const from = this.#position;
    const limit = Math.min(this.#to, from + length);
    let end = from;
    while (end < limit && this.#bytes[end] !== 0) end += 1;
    this.#position = end + 1;
    return from < end ? textOf(this.#bytes, from, end) : '';
  }

  skip(length: number): void {
    this.#position += length;
  }
}

/** Of the message at hand. */
const texts = new Texts();

/** Reads the message whose header begins at `header`; `to` is the end of what is there of it. */
export function readSmb1(state: SmbState, bytes: Buffer, header: number, to: number): void {
  if (to - header < at.words + 1 || isRead[bytes[header + at.command] as number] === 0) return;
  const isReply = ((bytes[header + at.flags] as number) & replyFlag) !== 0;
  const unicode = (bytes.readUInt16LE(header + at.flags2) & unicodeFlag) !== 0;
  let command = bytes[header + at.command] as number;
  let position = header + at.words;
  for (let left = maxChain; left > 0; left--) {
    if (position >= to) return;
    const wordCount = bytes[position] as number;
    const words = position + 1;
    const count = words + 2 * wordCount;
    if (count + 2 > to) return;
    const data = count + 2;
    const end = Math.min(to, data + bytes.readUInt16LE(count));
    if (isReply) readReply(state, bytes, header, command, words, wordCount, to);
    else {
      texts.set(bytes, header, data, end, unicode);
      readRequest(state, bytes, header, command, words, wordCount, data, end);
    }
    if (isChained[command] === 0 || wordCount < 2 || bytes[words] === noCommand) return;
    command = bytes[words] as number;
    const next = header + bytes.readUInt16LE(words + 2);
    // Each part lies behind the one before.
    if (next <= position) return;
    position = next;
  }
}

function readRequest(
  state: SmbState,
  bytes: Buffer,
  header: number,
  command: number,
  words: number,
  wordCount: number,
  data: number,
  end: number,
): void {
  if (command === Command.negotiate) state.dialects = offeredDialects(bytes, data, end);
  else if (command === Command.sessionSetupAndX) readSetup(state, bytes, words, wordCount, data, end);
  else if (command === Command.treeConnectAndX && wordCount >= 4) {
    texts.skip(bytes.readUInt16LE(words + 6));
    connect(state, texts.next());
  } else if (command === Command.treeConnect) {
    // Texts of the oldest commands have a byte of format before them.
    texts.skip(1);
    connect(state, texts.next());
  } else if (command === Command.openAndX) state.note(smbFields.filename, texts.next());
  else if (command === Command.ntCreateAndX && wordCount >= 4) {
    state.note(smbFields.filename, texts.next(bytes.readUInt16LE(words + 5)));
  } else if (
    command === Command.open ||
    command === Command.create ||
    command === Command.delete ||
    command === Command.createNew
  ) {
    texts.skip(1);
    state.note(smbFields.filename, texts.next());
  } else if (command === Command.transaction && wordCount >= 13) {
    dataAt(state, bytes, header, bytes.readUInt16LE(words + 24), bytes.readUInt16LE(words + 22), end);
  } else if (command === Command.writeAndX && wordCount >= 12) {
    dataAt(state, bytes, header, bytes.readUInt16LE(words + 22), bytes.readUInt16LE(words + 20), end);
  }
}

function readReply(
  state: SmbState,
  bytes: Buffer,
  header: number,
  command: number,
  words: number,
  wordCount: number,
  to: number,
): void {
  if (command === Command.negotiate && wordCount >= 1) {
    const chosen = state.dialects[bytes.readUInt16LE(words)];
    if (chosen !== undefined) state.note(smbFields.dialect, chosen);
    state.dialects = [];
  } else if (command === Command.sessionSetupAndX && wordCount === 4 && state.deep) {
    const token = words + 2 * wordCount + 2;
    noteSecurityToken(state, bytes, token, Math.min(to, token + bytes.readUInt16LE(words + 6)));
  } else if (command === Command.transaction && wordCount >= 10) {
    dataAt(state, bytes, header, bytes.readUInt16LE(words + 14), bytes.readUInt16LE(words + 12), to);
  } else if (command === Command.readAndX && wordCount >= 12) {
    dataAt(state, bytes, header, bytes.readUInt16LE(words + 12), bytes.readUInt16LE(words + 10), to);
  }
}

/** Dialects of a negotiation: each has a byte of format before it and a NUL behind (MS-CIFS 2.2.4.52.1). */
function offeredDialects(bytes: Buffer, from: number, to: number): string[] {
  const dialects: string[] = [];
  for (let position = from; position < to && bytes[position] === dialectMark && dialects.length < maxDialects; ) {
    let end = position + 1;
    while (end < to && bytes[end] !== 0) end += 1;
    dialects.push(textOf(bytes, position + 1, end));
    position = end + 1;
  }
  return dialects;
}

function readSetup(state: SmbState, bytes: Buffer, words: number, wordCount: number, data: number, end: number): void {
  if (wordCount === setupWords.token) {
    const tokenBytes = bytes.readUInt16LE(words + 14);
    noteSecurityToken(state, bytes, data, Math.min(end, data + tokenBytes));
    texts.skip(tokenBytes);
    state.note(smbFields.os, texts.next());
    state.note(smbFields.version, texts.next());
    state.note(smbFields.domain, texts.next());
  } else if (wordCount === setupWords.passwords) {
    texts.skip(bytes.readUInt16LE(words + 14) + bytes.readUInt16LE(words + 16));
    state.note(smbFields.user, texts.next());
    state.note(smbFields.domain, texts.next());
    state.note(smbFields.os, texts.next());
    state.note(smbFields.version, texts.next());
  }
}

function connect(state: SmbState, share: string): void {
  state.note(smbFields.share, share);
  state.connected(share);
}

function dataAt(state: SmbState, bytes: Buffer, header: number, offset: number, length: number, to: number): void {
  state.throughPipe(bytes, header + offset, Math.min(to, header + offset + length));
}
