// TFTP (RFC 1350, options of RFC 2347) as recognition, configuration and the field registry see it. Transfers go on between
// ports of their own, in sessions that nothing tells from others; the requests say what is transferred.

import { Type } from 'typebox';
import { readU16 } from '../big-endian.ts';
import { type DecoderDefinition, type Direction, Verdict } from '../contract.ts';
import { PacketDecoder } from '../packet-decoder.ts';
import { textOf } from '../wire-text.ts';
import { opcodeNames, readDatagram, textEnd } from './decoder.ts';
import { tftpFields } from './fields.ts';

const modes = ['octet', 'netascii', 'mail'];

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

export const tftpDecoder: DecoderDefinition = {
  name: 'tftp',
  title: 'TFTP, Trivial File Transfer Protocol',
  transports: ['udp'],
  ports: [69],
  firstBytes: [0],
  records: [],
  sessionFields: Object.values(tftpFields),
  anomalies: [],
  options: Type.Object({}),
  probe,
  create: (context) => new PacketDecoder(context, readDatagram),
};
