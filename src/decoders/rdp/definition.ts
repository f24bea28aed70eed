// Remote Desktop (MS-RDPBCGR) as recognition, configuration and the field registry see it. TPKT and X.224 carry other
// protocols too (S7, ISO transport): only the cookie or the negotiation in the first packet tells.

import { Type } from 'typebox';
import { userField } from '../../record/index.ts';
import { readU16 } from '../big-endian.ts';
import { type DecoderDefinition, type Direction, Verdict } from '../contract.ts';
import { Code, headerBytes, isCookie, isNegotiation } from './connection.ts';
import { RdpDecoder } from './decoder.ts';
import { rdpFields } from './fields.ts';

function probe(_direction: Direction, bytes: Buffer, from: number, to: number): Verdict {
  const there = to - from;
  if (there > 1 && bytes[from + 1] !== 0) return Verdict.no;
  if (there < headerBytes) return Verdict.needMore;
  const length = readU16(bytes, from + 2);
  const code = bytes[from + 5];
  if (length < headerBytes || bytes[from + 4] !== length - 5 || (code !== Code.request && code !== Code.confirm))
    return Verdict.no;
  // Class 0, and a request has no reference of the other side.
  if (bytes[from + 10] !== 0 || (code === Code.request && readU16(bytes, from + 6) !== 0)) return Verdict.no;
  if (length === headerBytes) return Verdict.faint;
  const at = from + headerBytes;
  const end = Math.min(to, from + length);
  if (end - at < 8 && end - from < length) return Verdict.needMore;
  if (code === Code.request && isCookie(bytes, at, end)) return Verdict.certain;
  return isNegotiation(bytes, at, end, code === Code.request) ? Verdict.certain : Verdict.no;
}

export const rdpDecoder: DecoderDefinition = {
  name: 'rdp',
  title: 'RDP, Remote Desktop',
  transports: ['tcp'],
  ports: [3389],
  firstBytes: [3],
  records: [],
  sessionFields: [...Object.values(rdpFields), userField],
  anomalies: [],
  options: Type.Object({}),
  probe,
  create: (context) => new RdpDecoder(context),
};
