// Diameter messages made by hand, for the tests of what carries them.

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function avp(code: number, value: string | Buffer): Buffer {
  const data = Buffer.from(value);
  const head = Buffer.concat([u32(code), u32(0x4000_0000 + 8 + data.length)]);
  return Buffer.concat([head, data, Buffer.alloc(-data.length & 3)]);
}

export function message(flags: number, command: number, application: number, avps: readonly Buffer[]): Buffer {
  const body = Buffer.concat(avps);
  return Buffer.concat([
    u32(0x0100_0000 + 20 + body.length),
    u32(flags * 0x100_0000 + command),
    u32(application),
    u32(1),
    u32(2),
    body,
  ]);
}
