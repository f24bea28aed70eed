// Makes frames of SMB 1 and SMB 2 for tests (MS-CIFS 2.2.3, MS-SMB2 2.2.1).

export const utf16 = (text: string): Buffer => Buffer.from(`${text}\0`, 'utf16le');

export function frame(...parts: Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([0, body.length >> 16, (body.length >> 8) & 255, body.length & 255]), body]);
}

export function u16(...values: number[]): Buffer {
  const bytes = Buffer.alloc(2 * values.length);
  values.forEach((value, index) => {
    bytes.writeUInt16LE(value, 2 * index);
  });
  return bytes;
}

/** SMB 1 with UTF-16; the first word of a chained command (no next one) is the caller's. */
export function smb1(command: number, words: Buffer, data: Buffer, reply = false, unicode = true): Buffer {
  const head = Buffer.alloc(32);
  head.write('\xffSMB', 'latin1');
  head[4] = command;
  head[9] = reply ? 0x80 : 0;
  head.writeUInt16LE(unicode ? 0x8000 : 0, 10);
  return frame(head, Buffer.from([words.length / 2]), words, u16(data.length), data);
}

/** A message of SMB 2, without its frame. */
export function smb2(command: number, body: Buffer, reply = false, next = 0): Buffer {
  const head = Buffer.alloc(64);
  head.write('\xfeSMB', 'latin1');
  head.writeUInt16LE(64, 4);
  head.writeUInt16LE(command, 12);
  head.writeUInt32LE(reply ? 1 : 0, 16);
  head.writeUInt32LE(next, 20);
  return Buffer.concat([head, body]);
}

/** Body of SMB 2: `fixed` bytes with (value, offset, size) in them, and a part behind. */
export function body(fixed: number, numbers: readonly (readonly [at: number, value: number])[], part: Uint8Array): Buffer {
  const bytes = Buffer.alloc(fixed);
  for (const [at, value] of numbers) bytes.writeUInt16LE(value, at);
  return Buffer.concat([bytes, part]);
}
