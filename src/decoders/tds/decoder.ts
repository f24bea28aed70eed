// TDS of one session: who logs in. Made by the definition; runs on packet workers. Behind the login nothing is read.
// Sources: MS-TDS 2.2.3 and 2.2.6, and the login record of "TDS 5.0 Functional Specification" (Sybase), section 3.30.

import { userField } from '../../record/index.ts';
import { type DecoderContext, type Direction, DONE } from '../contract.ts';
import { FramedDecoder, needMoreBytes, noMessage } from '../framed-decoder.ts';
import { noteSecurityToken } from '../ntlm/index.ts';
import { textOf, utf16TextOf } from '../wire-text.ts';
import { tdsAnomalies } from './anomalies.ts';
import { headerBytes, packetTypes } from './probe.ts';

const maxPacketBytes = 8192;
/** The highest packet type there is: PRELOGIN. */
const maxType = 0x12;
/** Packets with queries before a login is given up on. */
const patience = 16;

/** TDS 5.0 login record: host and user are texts in fixed places of 30 bytes with a length behind them. */
const login5 = { user: 31, userLength: 61, placeBytes: 30 } as const;
/** LOGIN7: offsets and lengths of the variable parts, from the start of the record. */
const login7 = { user: 40, sspi: 78, sspiLongLength: 90 } as const;
/** Token of the server's answer that holds a token for the client's security package (MS-TDS 2.2.7.22). */
const sspiToken = 0xed;

export class TdsDecoder extends FramedDecoder {
  #left = patience;

  constructor(context: DecoderContext) {
    super(context, maxPacketBytes);
  }

  protected lengthAt(_direction: Direction, bytes: Buffer, at: number, to: number): number {
    if ((bytes[at] as number) > maxType || bytes[at] === 0) return noMessage;
    if (to - at < 4) return needMoreBytes;
    const length = bytes.readUInt16BE(at + 2);
    return length < headerBytes ? noMessage : length;
  }

  protected message(_direction: Direction, bytes: Buffer, from: number, to: number, _length: number, timeUs: number): number {
    const type = bytes[from];
    const start = from + headerBytes;
    if (type === packetTypes.login) this.#login5(bytes, start, to, timeUs);
    else if (type === packetTypes.login7) this.#login7(bytes, start, to, timeUs);
    else if (type === packetTypes.sspi) noteSecurityToken(this.context, bytes, start, to);
    else if (type === packetTypes.response) this.#response(bytes, start, to);
    else if (type !== packetTypes.preLogin && --this.#left === 0) return DONE;
    return 0;
  }

  #login5(bytes: Buffer, from: number, to: number, timeUs: number): void {
    if (to - from <= login5.userLength) return;
    const length = bytes[from + login5.userLength] as number;
    if (length > login5.placeBytes) this.context.anomaly(tdsAnomalies.bad_login, timeUs);
    else this.#user(textOf(bytes, from + login5.user, from + login5.user + length));
  }

  #login7(bytes: Buffer, from: number, to: number, timeUs: number): void {
    if (to - from < login7.sspi + 4) return;
    const user = from + bytes.readUInt16LE(from + login7.user);
    const userEnd = user + 2 * bytes.readUInt16LE(from + login7.user + 2);
    if (userEnd > to) this.context.anomaly(tdsAnomalies.bad_login, timeUs);
    else this.#user(utf16TextOf(bytes, user, userEnd));
    const sspi = from + bytes.readUInt16LE(from + login7.sspi);
    let length = bytes.readUInt16LE(from + login7.sspi + 2);
    // A longer token has its length in a field of its own.
    if (length === 0xffff && to - from >= login7.sspiLongLength + 4) {
      length = bytes.readUInt32LE(from + login7.sspiLongLength);
    }
    noteSecurityToken(this.context, bytes, sspi, Math.min(to, sspi + length));
  }

  #response(bytes: Buffer, from: number, to: number): void {
    if (to - from < 3 || bytes[from] !== sspiToken) return;
    noteSecurityToken(this.context, bytes, from + 3, Math.min(to, from + 3 + bytes.readUInt16LE(from + 1)));
  }

  #user(name: string): void {
    if (name !== '') this.context.note(userField, name.toLowerCase());
  }
}
