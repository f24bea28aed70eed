// How the captures write messages: numbers in both byte orders, parts behind their lengths, lines of text.

import { bytes, u16, u32 } from '../decoders/dns/wire.ts';

export { bytes, hex, u16, u32 } from '../decoders/dns/wire.ts';

export type Part = number | string | Uint8Array;

/** Lines with CRLF. */
export const lines = (...all: string[]): string => `${all.join('\r\n')}\r\n`;

export const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le');

export function le16(...values: number[]): Buffer {
  return u16(...values).swap16();
}

export function le32(...values: number[]): Buffer {
  return u32(...values).swap32();
}

/** The parts behind their length in so many bytes. */
export const sized8 = (...parts: Part[]): Buffer => bytes(bytes(...parts).length, ...parts);
export const sized16 = (...parts: Part[]): Buffer => bytes(u16(bytes(...parts).length), ...parts);
export const sized32 = (...parts: Part[]): Buffer => bytes(u32(bytes(...parts).length), ...parts);

/** With its whole length, from the first byte on, written at `at` in two bytes. */
export function measured(at: number, ...parts: Part[]): Buffer {
  const message = bytes(...parts);
  message.writeUInt16BE(message.length, at);
  return message;
}
