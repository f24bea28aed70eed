// Makes BER items for tests: tag, length in its shortest form, contents.

/** An item with the contents given, one behind the other. */
export function item(tag: number, ...contents: (Uint8Array | string)[]): Buffer {
  const body = Buffer.concat(contents.map((content) => Buffer.from(content as string)));
  const { length } = body;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), body]);
  return Buffer.concat([Buffer.from([tag, 0x82, length >> 8, length & 255]), body]);
}

export const integer = (value: number): Buffer => item(2, Buffer.from([value & 255]));
