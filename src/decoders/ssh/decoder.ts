// SSH of one session up to its encryption: who speaks which software, what each side offers, the server's key. Made by
// the definition; runs on packet workers. Sources: RFC 4253 sections 4.2, 6, 7 and 8, RFC 4419 section 5, RFC 5656
// section 4, and HASSH (github.com/salesforce/hassh).

import { createHash } from 'node:crypto';
import { type DecoderContext, type Direction, DONE, type EndReason } from '../contract.ts';
import { FramedDecoder, needMoreBytes, noMessage } from '../framed-decoder.ts';
import { textOf } from '../wire-text.ts';
import { sshAnomalies } from './anomalies.ts';
import { sshFields } from './fields.ts';
import { SshSides } from './sides.ts';

/** RFC 4253 section 6.1: packets that every side must be able to take are up to 35000 bytes long. */
const maxPacketBytes = 35_000;
/** Section 4.2: 255 with CR and LF. Some servers do not keep to it. */
const maxIdentificationBytes = 1024;
/** Lines that a server may say before it; OpenSSH's client hears as many. */
const greetingLinesMost = 1024;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** Numbers of messages (RFC 4253 section 12, RFC 4419 section 5). */
const Message = { kexInit: 20, newKeys: 21, kexFirst: 30, kexReply: 31, groupExchangeReply: 33, kexLast: 49 } as const;
/** Of a KEXINIT, in order: key exchange, host key, and pairs for both directions of cipher, MAC, compression (RFC 4253 section 7.1). */
const offerBytes = 16;
const lists = { keyExchange: 0, cipher: 2, mac: 4, compression: 6, count: 8 } as const;
const maxAlgorithmBytes = 64;

/** HASSH of what a direction offers, should it be the client and should it be the server. */
type Hashes = readonly [client: string, server: string];

export class SshDecoder extends FramedDecoder {
  readonly #identified: [boolean, boolean] = [false, false];
  readonly #encrypted: [boolean, boolean] = [false, false];
  readonly #greetingLines: [number, number] = [0, 0];
  readonly #offered: [boolean, boolean] = [false, false];
  /** Of directions that may be either side as yet. */
  readonly #hashes: [Hashes | undefined, Hashes | undefined] = [undefined, undefined];
  readonly #sides: SshSides;

  constructor(context: DecoderContext) {
    super(context, maxPacketBytes);
    this.#sides = new SshSides(context);
  }

  protected lengthAt(direction: Direction, bytes: Buffer, at: number, to: number): number {
    if (!this.#identified[direction]) {
      const limit = Math.min(to, at + maxIdentificationBytes);
      for (let end = at; end < limit; end++) if (bytes[end] === lineFeed) return end + 1 - at;
      return to - at < maxIdentificationBytes ? needMoreBytes : noMessage;
    }
    return to - at < 4 ? needMoreBytes : 4 + bytes.readUInt32BE(at);
  }

  protected message(direction: Direction, bytes: Buffer, from: number, to: number, length: number, timeUs: number): number {
    if (!this.#identified[direction]) return this.#identification(direction, bytes, from, to);
    const padding = bytes[from + 4] as number;
    if (length > maxPacketBytes || length < 6 || padding + 6 > length) {
      this.context.anomaly(sshAnomalies.bad_packet, timeUs);
      return this.#deafen(direction);
    }
    const end = to - padding;
    const type = bytes[from + 5] as number;
    if (type === Message.kexInit) this.#offer(direction, bytes, from + 6, end, timeUs);
    else if (type === Message.newKeys) {
      // The key exchange is over, and what it tells was told.
      this.#sides.settle();
      this.#noteHashes();
      return this.#deafen(direction);
    } else if (type >= Message.kexFirst && type <= Message.kexLast) {
      this.#sides.exchanged(direction, type);
      this.#noteHashes();
      // The same number asks for a group in the other direction, or hands one out (RFC 4419): a host key it is only by its form.
      const isReply = type === Message.kexReply || type === Message.groupExchangeReply;
      if (isReply && this.#sides.client !== direction) this.#hostKey(bytes, from + 6, end);
    }
    return 0;
  }

  override end(reason: EndReason, timeUs: number): void {
    super.end(reason, timeUs);
    this.#sides.settle();
    this.#noteHashes();
  }

  /** An identification string without its end is one all the same. */
  protected override unfinished(direction: Direction, bytes: Buffer, from: number, to: number): void {
    if (!this.#identified[direction]) this.#identification(direction, bytes, from, to);
  }

  #identification(direction: Direction, bytes: Buffer, from: number, to: number): number {
    let end = to;
    while (end > from && (bytes[end - 1] === lineFeed || bytes[end - 1] === carriageReturn)) end -= 1;
    const text = textOf(bytes, from, end).toLowerCase();
    // A server may say other lines before (RFC 4253 section 4.2).
    if (!text.startsWith('ssh-')) {
      this.#greetingLines[direction] += 1;
      const isTooMuch = this.#sides.client === direction || this.#greetingLines[direction] > greetingLinesMost;
      return isTooMuch ? this.#deafen(direction) : 0;
    }
    this.context.note(sshFields.version, text);
    this.#identified[direction] = true;
    // SSH 1 has packets of another form, and nothing in them that is told here.
    return text.startsWith('ssh-2.') || text.startsWith('ssh-1.99') ? 0 : this.#deafen(direction);
  }

  /** Notes nothing of a second one: until new keys are in use there is one (RFC 4253 section 7.1). */
  #offer(direction: Direction, bytes: Buffer, from: number, to: number, timeUs: number): void {
    const texts: string[] = [];
    let at = from + offerBytes;
    for (let list = 0; list < lists.count; list++) {
      if (at + 4 > to || bytes.readUInt32BE(at) > to - at - 4) {
        this.context.anomaly(sshAnomalies.bad_key_exchange, timeUs);
        return;
      }
      const end = at + 4 + bytes.readUInt32BE(at);
      texts.push(textOf(bytes, at + 4, end));
      at = end;
    }
    if (this.#offered[direction]) return;
    this.#offered[direction] = true;
    this.#sides.offered(direction, texts[lists.keyExchange] as string);
    this.#hashes[direction] = [hassh(texts, 0), hassh(texts, 1)];
    this.#noteHashes();
  }

  /** Once it is known whose they are. */
  #noteHashes(): void {
    const { client } = this.#sides;
    if (client === undefined) return;
    for (const direction of [0, 1] as const) {
      const hashes = this.#hashes[direction];
      if (hashes === undefined) continue;
      this.#hashes[direction] = undefined;
      if (direction === client) this.context.note(sshFields.hassh, hashes[0]);
      else this.context.note(sshFields.hasshServer, hashes[1]);
    }
  }

  /** A reply begins with the host key, which begins with the name of its algorithm (RFC 4253 sections 6.6 and 8). */
  #hostKey(bytes: Buffer, from: number, to: number): void {
    if (to - from < 8) return;
    const length = bytes.readUInt32BE(from);
    const nameLength = bytes.readUInt32BE(from + 4);
    if (length > to - from - 4 || nameLength > Math.min(length - 4, maxAlgorithmBytes) || nameLength === 0) return;
    for (let at = from + 8; at < from + 8 + nameLength; at++) {
      if ((bytes[at] as number) < 0x21 || (bytes[at] as number) > 0x7e) return;
    }
    this.context.note(sshFields.key, bytes.toString('base64', from + 4, from + 4 + length));
  }

  /** From here on it is encrypted, or not to be read. */
  #deafen(direction: Direction): number {
    this.#encrypted[direction] = true;
    if (this.#encrypted[1 - direction]) return DONE;
    this.ignore(direction);
    return 0;
  }
}

/** HASSH: the lists that count for the sender's own direction (0: from the client), with semicolons between. */
function hassh(texts: readonly string[], direction: Direction): string {
  const chosen = [
    texts[lists.keyExchange],
    texts[lists.cipher + direction],
    texts[lists.mac + direction],
    texts[lists.compression + direction],
  ];
  return createHash('md5').update(chosen.join(';'), 'utf8').digest('hex');
}
