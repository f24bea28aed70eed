// Does a stream start with TLS? A record header with a hello in it is certain: five bytes of fixed or narrow values
// and the message type. An alert or an SSL 2 hello says less. Called by the session room on a packet worker for the
// first bytes of either direction; allocates nothing.

import { type Direction, Verdict } from '../contract.ts';
import { HandshakeType } from '../tls-handshake/message-reader.ts';
import { ContentType, maxRecordLength } from '../tls-handshake/record-reader.ts';

export function probeTls(_direction: Direction, bytes: Buffer, from: number, to: number): Verdict {
  const length = to - from;
  if (length < 1) return Verdict.needMore;
  const type = bytes[from] as number;
  if (type >= 0x80) return probeSsl2(bytes, from, length);
  if (type !== ContentType.handshake && type !== ContentType.alert) return Verdict.no;
  if (length < 2) return Verdict.needMore;
  if (bytes[from + 1] !== 3) return Verdict.no;
  if (length < 3) return Verdict.needMore;
  if ((bytes[from + 2] as number) > 4) return Verdict.no;
  if (length < 5) return Verdict.needMore;
  const recordLength = ((bytes[from + 3] as number) << 8) | (bytes[from + 4] as number);
  if (recordLength === 0 || recordLength > maxRecordLength) return Verdict.no;
  if (type === ContentType.alert && recordLength !== 2) return Verdict.no;
  if (length < 6) return Verdict.needMore;
  const first = bytes[from + 5] as number;
  if (type === ContentType.alert) return first === 1 || first === 2 ? Verdict.maybe : Verdict.no;
  return first === HandshakeType.clientHello || first === HandshakeType.serverHello ? Verdict.certain : Verdict.no;
}

/**
 * CLIENT-HELLO: length, type 1, version, lengths of cipher specs, session id and challenge, which must add up. With
 * version 3.x that is how early clients opened SSL 3 and TLS (RFC 5246 appendix E.2).
 */
function probeSsl2(bytes: Buffer, from: number, length: number): Verdict {
  if (length < 3) return Verdict.needMore;
  if (bytes[from + 2] !== 1) return Verdict.no;
  if (length < 11) return Verdict.needMore;
  const version = bytes.readUInt16BE(from + 3);
  if (version !== 2 && (version < 0x300 || version > 0x304)) return Verdict.no;
  const messageLength = bytes.readUInt16BE(from) & 0x7fff;
  const specs = bytes.readUInt16BE(from + 5);
  const sessionId = bytes.readUInt16BE(from + 7);
  const challenge = bytes.readUInt16BE(from + 9);
  if (specs === 0 || specs % 3 !== 0 || 9 + specs + sessionId + challenge !== messageLength) return Verdict.no;
  return version === 2 ? Verdict.maybe : Verdict.certain;
}
