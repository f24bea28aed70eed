// Does a stream begin with TDS? The packet header says little, the login behind it much. Called by recognition on a
// packet worker; allocates nothing.

import { Verdict } from '../contract.ts';

/** Types of packets that can begin a session (MS-TDS 2.2.3.1.1; the first is that of TDS 4.2 and 5.0). */
export const packetTypes = { login: 0x02, response: 0x04, login7: 0x10, sspi: 0x11, preLogin: 0x12 } as const;

/** Type, status, length in big endian, SPID, packet number, window. */
export const headerBytes = 8;
/** TDS 4.2 and 5.0 send their login record in packets of this length. */
export const loginPacketBytes = 512;

export function probeTds(bytes: Buffer, from: number, to: number): Verdict {
  const type = bytes[from];
  if (to - from >= 2 && (bytes[from + 1] as number) > 1) return Verdict.no;
  if (to - from < headerBytes) return Verdict.needMore;
  const length = bytes.readUInt16BE(from + 2);
  const number = bytes[from + 6] as number;
  if (length < headerBytes || bytes[from + 7] !== 0 || number > 1) return Verdict.no;
  if (type === packetTypes.response) return Verdict.faint;
  if (bytes.readUInt16BE(from + 4) !== 0) return Verdict.no;
  if (type === packetTypes.login) return length === loginPacketBytes ? Verdict.certain : Verdict.no;
  if (type === packetTypes.preLogin) return probePreLogin(bytes, from + headerBytes, to, length);
  if (type !== packetTypes.login7) return Verdict.no;
  // LOGIN7 (2.2.6.4): its length, then the version, which ends in 0x70 to 0x74 as little endian.
  if (to - from < headerBytes + 8) return Verdict.needMore;
  const version = bytes[from + headerBytes + 7] as number;
  return version >= 0x70 && version <= 0x74 && bytes.readUInt32LE(from + headerBytes) >= 86 ? Verdict.certain : Verdict.no;
}

/** PRELOGIN (2.2.6.5) begins with the option VERSION: token 0, offset, length 6. */
function probePreLogin(bytes: Buffer, from: number, to: number, length: number): Verdict {
  if (to - from < 5) return Verdict.needMore;
  if (bytes[from] !== 0 || bytes.readUInt16BE(from + 3) !== 6) return Verdict.no;
  return bytes.readUInt16BE(from + 1) + 6 + headerBytes <= length ? Verdict.certain : Verdict.no;
}
