// NTP (RFC 5905) as recognition, configuration and the field registry see it: a datagram's first bytes say all that is noted.

import { Type } from 'typebox';
import { ipv4Text } from '../address-text.ts';
import { collected } from '../collected-field.ts';
import { type DecoderContext, type DecoderDefinition, type Direction, Verdict } from '../contract.ts';
import { PacketDecoder } from '../packet-decoder.ts';

/** Bytes of a message without extensions and authenticator (RFC 5905 §7.3). */
const headerBytes = 48;
/** Control messages (RFC 9327 §2) and private ones of ntpd have headers of their own. */
const controlBytes = 12;
const privateBytes = 8;

const Mode = { symmetricActive: 1, server: 4, broadcast: 5, control: 6, private: 7 } as const;

/** RFC 5905 §7.3, figure 10. */
const modeNames = [
  'reserved',
  'symmetric-active',
  'symmetric-passive',
  'client',
  'server',
  'broadcast',
  'control',
  'private',
] as const;

const fields = {
  version: collected('long', 'ntp.version', 'Protocol versions.', { path: 'ntp.version' }),
  mode: collected('keyword', 'ntp.mode', 'Modes: client, server, broadcast, control, …', { path: 'ntp.mode' }),
  stratum: collected('keyword', 'ntp.stratum', 'Strata: unspecified, primary, secondary, unsynchronized or reserved.', {
    path: 'ntp.stratum',
  }),
  referenceId: collected(
    'keyword',
    'ntp.reference_id',
    'Reference clocks, kiss codes, or addresses of the servers that the sender is set by.',
    { path: 'ntp.refId', expression: 'ntp.ref-id' },
  ),
};

/** RFC 5905 §7.3, figure 11. */
function stratumName(stratum: number): string {
  if (stratum === 0) return 'unspecified';
  if (stratum === 1) return 'primary';
  if (stratum < 16) return 'secondary';
  return stratum === 16 ? 'unsynchronized' : 'reserved';
}

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

function read(context: DecoderContext, _direction: Direction, bytes: Buffer, from: number, to: number): void {
  if (from === to) return;
  const first = bytes[from] as number;
  const mode = first & 7;
  context.note(fields.version, (first >> 3) & 7);
  context.note(fields.mode, modeNames[mode] as string);
  if (mode >= Mode.control || to - from < headerBytes) return;
  const stratum = bytes[from + 1] as number;
  context.note(fields.stratum, stratumName(stratum));
  const reference = referenceOf(bytes, from + 12, stratum);
  if (reference !== '') context.note(fields.referenceId, reference);
}

/** Four ASCII characters for strata 0 and 1, else an IPv4 address or four bytes of a hash, written alike (RFC 5905 §7.3). */
function referenceOf(bytes: Buffer, at: number, stratum: number): string {
  if (stratum > 1) return bytes.readUInt32BE(at) === 0 ? '' : ipv4Text(bytes, at);
  let text = '';
  for (let index = at; index < at + 4; index++) {
    const code = bytes[index] as number;
    if (code === 0) break;
    if (code < 0x20 || code > 0x7e) return '';
    text += String.fromCharCode(code);
  }
  return text.trimEnd();
}

export const ntpDecoder: DecoderDefinition = {
  name: 'ntp',
  title: 'NTP, Network Time Protocol',
  transports: ['udp'],
  ports: [123],
  records: [],
  sessionFields: Object.values(fields),
  anomalies: [],
  options: Type.Object({}),
  probe,
  create: (context) => new PacketDecoder(context, read),
};
