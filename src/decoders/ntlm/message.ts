// NTLMSSP messages (MS-NLMP 2.2.1): who asks for which domain from which workstation, and which system answers. Called
// by the decoders whose protocols carry NTLM, on packet workers. Keeps nothing; a field that leads out of its message
// is passed over.

import type { SessionField } from '../../record/index.ts';
import { userField } from '../../record/index.ts';
import type { DecoderContext } from '../contract.ts';
import { textOf, utf16TextOf } from '../wire-text.ts';
import { ntlmFields } from './fields.ts';

const signature = Buffer.from('NTLMSSP\0', 'latin1');

/** Behind signature and type each message has its own fixed part; these are offsets from the signature (2.2.1.1 to 2.2.1.3). */
const negotiate = { domain: 16, host: 24, flags: 12, version: 32 } as const;
const challenge = { targetName: 12, flags: 20, version: 48 } as const;
const authenticate = { domain: 28, user: 36, host: 44, flags: 60, version: 64 } as const;

/** NEGOTIATE_UNICODE and NEGOTIATE_VERSION (2.2.2.5). */
const unicodeFlag = 0x0000_0001;
const versionFlag = 0x0200_0000;

/** Names of an AUTHENTICATE message; '' where there is none. */
export interface NtlmIdentity {
  readonly domain: string;
  readonly user: string;
  readonly host: string;
  /** False when a field leads out of the message. */
  readonly complete: boolean;
}

/** Whether `bytes[from, to)` begins with an NTLMSSP message of whatever type. */
export function isNtlm(bytes: Buffer, from: number, to: number): boolean {
  if (to - from < 12) return false;
  for (let index = 0; index < signature.length; index += 1) if (bytes[from + index] !== signature[index]) return false;
  return true;
}

/**
 * Notes what the message that begins at `from` says, and names the protocol `ntlm`.
 * @param to end of the message or of what holds it; offsets in the message may not lead beyond
 * @returns its type, 1 to 3; 0 when there is none
 */
export function noteNtlm(context: DecoderContext, bytes: Buffer, from: number, to: number): number {
  if (!isNtlm(bytes, from, to)) return 0;
  const type = bytes.readUInt32LE(from + 8);
  if (type < 1 || type > 3) return 0;
  context.protocol('ntlm');
  context.note(ntlmFields.type, type);
  if (type === 1) {
    // The names of the first message are never Unicode: the character set is not agreed on yet (2.2.1.1).
    noteText(context, ntlmFields.domain, nameAt(bytes, from, to, negotiate.domain, false));
    noteText(context, ntlmFields.host, nameAt(bytes, from, to, negotiate.host, false));
    noteVersion(context, bytes, from, to, negotiate.flags, negotiate.version);
  } else if (type === 2) {
    const unicode = (flagsAt(bytes, from, to, challenge.flags) & unicodeFlag) !== 0;
    noteText(context, ntlmFields.targetName, nameAt(bytes, from, to, challenge.targetName, unicode));
    noteVersion(context, bytes, from, to, challenge.flags, challenge.version);
  } else {
    const { domain, user, host } = readIdentity(bytes, from, to);
    noteText(context, ntlmFields.domain, domain);
    noteText(context, userField, user.toLowerCase());
    noteText(context, ntlmFields.host, host);
    noteVersion(context, bytes, from, to, authenticate.flags, authenticate.version);
  }
  return type;
}

/** The names of an AUTHENTICATE message (type 3) that begins at `from`. */
export function readIdentity(bytes: Buffer, from: number, to: number): NtlmIdentity {
  // The oldest messages of this type end before the flags, and their names are not Unicode.
  const unicode = (flagsAt(bytes, from, to, authenticate.flags) & unicodeFlag) !== 0;
  const domain = nameAt(bytes, from, to, authenticate.domain, unicode);
  const user = nameAt(bytes, from, to, authenticate.user, unicode);
  const host = nameAt(bytes, from, to, authenticate.host, unicode);
  return {
    domain: domain ?? '',
    user: user ?? '',
    host: host ?? '',
    complete: domain !== undefined && user !== undefined && host !== undefined,
  };
}

function flagsAt(bytes: Buffer, from: number, to: number, at: number): number {
  return to - from >= at + 4 ? bytes.readUInt32LE(from + at) : 0;
}

/** The name whose length and offset stand at `at` (2.2.1.1: Len, MaxLen, BufferOffset); undefined when it is not in the message. */
function nameAt(bytes: Buffer, from: number, to: number, at: number, unicode: boolean): string | undefined {
  if (to - from < at + 8) return undefined;
  const length = bytes.readUInt16LE(from + at);
  if (length === 0) return '';
  const start = from + bytes.readUInt32LE(from + at + 4);
  if (start > to || length > to - start) return undefined;
  return unicode ? utf16TextOf(bytes, start, start + length) : textOf(bytes, start, start + length);
}

function noteText(context: DecoderContext, field: SessionField, text: string | undefined): void {
  if (text !== undefined && text !== '') context.note(field, text);
}

/** VERSION (2.2.2.10): major, minor, build in little endian; there when its flag is set. */
function noteVersion(context: DecoderContext, bytes: Buffer, from: number, to: number, flags: number, at: number): void {
  if ((flagsAt(bytes, from, to, flags) & versionFlag) === 0 || to - from < at + 8) return;
  const start = from + at;
  context.note(ntlmFields.version, `${bytes[start]}.${bytes[start + 1]}.${bytes.readUInt16LE(start + 2)}`);
}
