// How SMB lies in a TCP stream: frames of the NetBIOS session service (RFC 1002 section 4.3), of which port 445 uses the
// session message alone, with 24 bits of length (MS-SMB2 2.1). Called by the decoder and by recognition, on packet
// workers; allocates nothing.

import { Verdict } from '../contract.ts';

export const frameHeadBytes = 4;
export const FrameType = { message: 0x00, request: 0x81, accepted: 0x82, refused: 0x83, keepAlive: 0x85 } as const;
/** First bytes of the messages, as big endian; SMB 3 encrypts and compresses whole messages. */
export const Magic = { smb1: 0xff534d42, smb2: 0xfe534d42, encrypted: 0xfd534d42, compressed: 0xfc534d42 } as const;
const magics: readonly number[] = Object.values(Magic);

/** A session request is two NetBIOS names of 34 bytes, each with its own length first. */
const sessionRequestBytes = 68;
const encodedNameBytes = 0x20;

/** Length of the frame at `at` with its head, which must be there. */
export function frameLength(bytes: Buffer, at: number): number {
  return frameHeadBytes + bytes.readUIntBE(at + 1, 3);
}

export function magicAt(bytes: Buffer, at: number): number {
  return bytes.readUInt32BE(at);
}

export function probeSmb(bytes: Buffer, from: number, to: number): Verdict {
  const type = bytes[from];
  const there = to - from;
  if (type === FrameType.accepted) {
    if (there < frameHeadBytes) return Verdict.needMore;
    return there === frameHeadBytes && frameLength(bytes, from) === frameHeadBytes ? Verdict.faint : Verdict.no;
  }
  if (type === FrameType.request) {
    if (there < frameHeadBytes + 1) return Verdict.needMore;
    const fits = frameLength(bytes, from) === frameHeadBytes + sessionRequestBytes;
    return fits && bytes[from + frameHeadBytes] === encodedNameBytes ? Verdict.certain : Verdict.no;
  }
  if (there < frameHeadBytes + 1) return Verdict.needMore;
  const first = bytes[from + frameHeadBytes] as number;
  if (first < 0xfc) return Verdict.no;
  if (there < frameHeadBytes + 4) return Verdict.needMore;
  return magics.includes(magicAt(bytes, from + frameHeadBytes)) ? Verdict.certain : Verdict.no;
}
