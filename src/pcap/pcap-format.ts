// The classic capture file (draft-ietf-opsawg-pcap): its head and the heads of its records, as packet workers and the pcap
// output write them. Always little endian. Arkime's short form has 6 bytes a record and a base second in the file's head.
//
//   file    │ u32 magic │ u16 2 │ u16 4 │ i32 zone │ u32 0 │ u32 snap length │ u32 link type │
//   record  │ u32 seconds │ u32 µs or ns │ u32 captured │ u32 on the wire │ frame │
//   short   │ u16 captured │ u32 seconds since base << 20 | µs │ frame │      base second: zone

export const Magic = { microseconds: 0xa1b2c3d4, nanoseconds: 0xa1b23c4d, short: 0xa1b2c3d5 } as const;

export const fileHeadBytes = 24;
export const recordHeadBytes = 16;
export const shortHeadBytes = 6;
/** As tcpdump and tshark have it; longer frames are not made by any of our sources. */
export const snapLength = 262144;
/** A short record head has 12 bits of seconds. */
export const shortSpanSecs = 4096;
/** Longest frame with a short head. */
export const shortMostBytes = 0xffff;

/** Writes the 24 bytes of a file's head to `at`. `zone`: the base second of the short form, else 0. */
export function writeFileHead(target: Uint8Array, at: number, magic: number, linkType: number, zone = 0): void {
  const view = new DataView(target.buffer, target.byteOffset + at, fileHeadBytes);
  view.setUint32(0, magic, true);
  view.setUint16(4, 2, true);
  view.setUint16(6, 4, true);
  view.setUint32(8, zone, true);
  view.setUint32(12, 0, true);
  view.setUint32(16, snapLength, true);
  view.setUint32(20, linkType, true);
}

/** Writes the 16 bytes of a record's head to `at`. `fraction`: µs or ns, as the file's magic says. */
export function writeRecordHead(
  target: Uint8Array,
  at: number,
  seconds: number,
  fraction: number,
  captured: number,
  wire: number,
): void {
  writeU32(target, at, seconds);
  writeU32(target, at + 4, fraction);
  writeU32(target, at + 8, captured);
  writeU32(target, at + 12, wire);
}

/** Writes the 6 bytes of a short head. `seconds` since the base, below `shortSpanSecs`. */
export function writeShortHead(target: Uint8Array, at: number, seconds: number, micros: number, captured: number): void {
  target[at] = captured;
  target[at + 1] = captured >>> 8;
  writeU32(target, at + 2, (seconds << 20) | micros);
}

export function writeU32(target: Uint8Array, at: number, value: number): void {
  target[at] = value;
  target[at + 1] = value >>> 8;
  target[at + 2] = value >>> 16;
  target[at + 3] = value >>> 24;
}
