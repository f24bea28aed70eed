// TFTP (RFC 1350, options of RFC 2347) as recognition, configuration and the field registry see it. Transfers go on between
// ports of their own, in sessions that nothing tells from others; the requests say what is transferred.

import { Type } from 'typebox';
import { readU16 } from '../big-endian.ts';
import { collected } from '../collected-field.ts';
import { type DecoderContext, type DecoderDefinition, type Direction, Verdict } from '../contract.ts';
import { PacketDecoder } from '../packet-decoder.ts';
import { textOf } from '../wire-text.ts';

const opcodeNames = ['', 'rrq', 'wrq', 'data', 'ack', 'error', 'oack'] as const;
const modes = ['octet', 'netascii', 'mail'];
/** Longest name and mode of a request that are looked for. */
const textBytesMax = 512;

const fields = {
  opcode: collected('keyword', 'tftp.opcode', 'Kinds of messages: rrq, wrq, data, ack, error, oack.', { path: 'tftp.opcode' }),
  filename: collected('keyword', 'tftp.filename', 'Names of the files that are read or written.', { path: 'tftp.filename' }),
};

/** Only requests begin a session on the server's port. */
function probe(_direction: Direction, bytes: Buffer, from: number, to: number): Verdict {
  if (to - from < 4) return Verdict.no;
  const opcode = readU16(bytes, from);
  if (opcode > 2) return opcode < opcodeNames.length ? Verdict.faint : Verdict.no;
  if (opcode === 0) return Verdict.no;
  const nameEnd = textEnd(bytes, from + 2, to);
  if (nameEnd <= from + 2) return Verdict.no;
  const modeEnd = textEnd(bytes, nameEnd + 1, to);
  if (modeEnd < 0) return Verdict.faint;
  return modes.includes(textOf(bytes, nameEnd + 1, modeEnd).toLowerCase()) ? Verdict.certain : Verdict.faint;
}

function read(context: DecoderContext, _direction: Direction, bytes: Buffer, from: number, to: number): void {
  if (to - from < 4) return;
  const opcode = readU16(bytes, from);
  const name = opcodeNames[opcode];
  if (name === undefined || name === '') return;
  context.note(fields.opcode, name);
  if (opcode > 2) return;
  const end = textEnd(bytes, from + 2, to);
  if (end > from + 2) context.note(fields.filename, textOf(bytes, from + 2, end));
}

/** Where the NUL at the end of a string stands; -1 when there is none. */
function textEnd(bytes: Buffer, from: number, to: number): number {
  const most = Math.min(to, from + textBytesMax);
  for (let at = from; at < most; at++) if (bytes[at] === 0) return at;
  return -1;
}

export const tftpDecoder: DecoderDefinition = {
  name: 'tftp',
  title: 'TFTP, Trivial File Transfer Protocol',
  transports: ['udp'],
  ports: [69],
  firstBytes: [0],
  records: [],
  sessionFields: Object.values(fields),
  anomalies: [],
  options: Type.Object({}),
  probe,
  create: (context) => new PacketDecoder(context, read),
};
