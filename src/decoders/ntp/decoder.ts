// Reads an NTP message (RFC 5905 §7.3): its first bytes say all that is noted. Called for each datagram, on packet workers.

import { ipv4Text } from '../address-text.ts';
import type { DecoderContext, Direction } from '../contract.ts';
import { ntpFields } from './fields.ts';

/** Bytes of a message without extensions and authenticator (RFC 5905 §7.3). */
export const headerBytes = 48;

export const Mode = { symmetricActive: 1, server: 4, broadcast: 5, control: 6, private: 7 } as const;

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

/** RFC 5905 §7.3, figure 11. */
function stratumName(stratum: number): string {
  if (stratum === 0) return 'unspecified';
  if (stratum === 1) return 'primary';
  if (stratum < 16) return 'secondary';
  return stratum === 16 ? 'unsynchronized' : 'reserved';
}

export function readDatagram(context: DecoderContext, _direction: Direction, bytes: Buffer, from: number, to: number): void {
  if (from === to) return;
  const first = bytes[from] as number;
  const mode = first & 7;
  context.note(ntpFields.version, (first >> 3) & 7);
  context.note(ntpFields.mode, modeNames[mode] as string);
  if (mode >= Mode.control || to - from < headerBytes) return;
  const stratum = bytes[from + 1] as number;
  context.note(ntpFields.stratum, stratumName(stratum));
  const reference = referenceOf(bytes, from + 12, stratum);
  if (reference !== '') context.note(ntpFields.referenceId, reference);
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
