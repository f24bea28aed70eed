// NTP (RFC 5905) as recognition, configuration and the field registry see it: a datagram's first bytes say all that is noted.

import { Type } from 'typebox';
import { type DecoderDefinition, type Direction, Verdict } from '../contract.ts';
import { PacketDecoder } from '../packet-decoder.ts';
import { headerBytes, Mode, readDatagram } from './decoder.ts';
import { ntpFields } from './fields.ts';

/** Control messages (RFC 9327 §2) and private ones of ntpd have headers of their own. */
const controlBytes = 12;
const privateBytes = 8;

function probe(_direction: Direction, bytes: Buffer, from: number, to: number): Verdict {
  const first = bytes[from] as number;
  const version = (first >> 3) & 7;
  const mode = first & 7;
  const length = to - from;
  if (version === 0 || version > 4) return Verdict.no;
  if (mode === Mode.control) return length >= controlBytes && version > 1 ? Verdict.faint : Verdict.no;
  if (mode === Mode.private) return length >= privateBytes ? Verdict.faint : Verdict.no;
  // Version 1 had no modes (RFC 1059): they are zero.
  if (length < headerBytes || (mode < Mode.symmetricActive && version > 1)) return Verdict.no;
  return Verdict.faint;
}

export const ntpDecoder: DecoderDefinition = {
  name: 'ntp',
  title: 'NTP, Network Time Protocol',
  transports: ['udp'],
  ports: [123],
  records: [],
  sessionFields: Object.values(ntpFields),
  anomalies: [],
  options: Type.Object({}),
  probe,
  create: (context) => new PacketDecoder(context, readDatagram),
};
