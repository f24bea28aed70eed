// MySQL of one session: the server's version and who logs in. Made by the definition; runs on packet workers. Source:
// MySQL Internals manual, "Connection Phase Packets" (HandshakeResponse41 and 320, SSLRequest). The session is called
// mysql once the client has answered: a greeting alone has no user. Behind the login nothing is read.

import { type DecoderContext, type Direction, DONE, HANDOVER } from '../contract.ts';
import { FramedDecoder, needMoreBytes } from '../framed-decoder.ts';
import { textOf, textToNul } from '../wire-text.ts';
import { mysqlFields } from './fields.ts';
import { headBytes, isGreeting, packetLength, versionEnd } from './greeting.ts';

const maxPacketBytes = 4096;
/** CLIENT_PROTOCOL_41 and CLIENT_SSL. */
const protocol41 = 0x0200;
const tlsFlag = 0x0800;
/** Where the user stands, from behind the packet's head: flags, packet size, character set and filler come before. */
const userAt41 = 32;
const userAt320 = 5;

export class MysqlDecoder extends FramedDecoder {
  #version = '';
  /** The server greets; a session that was taken the wrong way round has it as direction 0. */
  #server: Direction | undefined = undefined;

  constructor(context: DecoderContext) {
    super(context, maxPacketBytes);
  }

  protected lengthAt(_direction: Direction, bytes: Buffer, at: number, to: number): number {
    return to - at < headBytes ? needMoreBytes : packetLength(bytes, at);
  }

  protected message(direction: Direction, bytes: Buffer, from: number, to: number): number {
    const start = from + headBytes;
    if (this.#server === undefined) this.#server = isGreeting(bytes, from, to) ? direction : 1;
    if (direction === this.#server) {
      // What the server says behind its greeting comes behind the login.
      const end = versionEnd(bytes, start + 1, to);
      if (end > 0 && end < to) this.#version = textOf(bytes, start + 1, end);
      this.ignore(direction);
      return 0;
    }
    if (to - start < userAt320) return DONE;
    this.context.protocol('mysql');
    if (this.#version !== '') this.context.note(mysqlFields.version, this.#version);
    const flags = bytes.readUInt16LE(start);
    const isNew = (flags & protocol41) !== 0;
    // A request for TLS is the login up to where the user would stand.
    if ((flags & tlsFlag) !== 0 && to - start <= (isNew ? userAt41 : userAt320)) return HANDOVER;
    const user = textToNul(bytes, start + (isNew ? userAt41 : userAt320), to);
    if (user !== '') this.context.note(mysqlFields.user, user.toLowerCase());
    return DONE;
  }
}
