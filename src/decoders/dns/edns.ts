// What an OPT record says (EDNS(0), RFC 6891 §6.1). Each transaction keeps one for its query and one for its response,
// reused with it. Filled by the decoder on packet workers.

import { readU16 } from './big-endian.ts';
import { optionName } from './code-points.ts';
import type { TextWriter } from './text-writer.ts';

/** Option codes that are looked into. */
const OptionCode = { clientSubnet: 8, cookie: 10, extendedError: 15 } as const;

/** Options named in a record; more are not looked at. */
const optionsMax = 16;
/** Bytes of an extended error's text that are shown (RFC 8914 §2 asks for short ones). */
const errorTextBytesMax = 256;

const address = new Uint8Array(16);

export class Edns {
  present: boolean;
  version: number;
  udpSize: number;
  dnssecOk: boolean;
  /** Upper eight bits of the rcode. */
  extendedRcode: number;
  /** `192.0.2.0/24` (RFC 7871 §6); '' when absent. */
  clientSubnet: string;
  cookie: boolean;
  /** INFO-CODE of the first extended error (RFC 8914); -1 when absent. */
  errorCode: number;
  errorText: string;
  /** Names of the options; undefined when there are none. */
  options: string[] | undefined;

  constructor() {
    this.present = false;
    this.version = 0;
    this.udpSize = 0;
    this.dnssecOk = false;
    this.extendedRcode = 0;
    this.clientSubnet = '';
    this.cookie = false;
    this.errorCode = -1;
    this.errorText = '';
    this.options = undefined;
  }

  clear(): void {
    if (!this.present) return;
    this.present = false;
    this.version = 0;
    this.udpSize = 0;
    this.dnssecOk = false;
    this.extendedRcode = 0;
    this.clientSubnet = '';
    this.cookie = false;
    this.errorCode = -1;
    this.errorText = '';
    this.options = undefined;
  }

  /** Takes the fixed part from class and TTL and the options from `[from, to)`. @returns false when the options are malformed. */
  read(text: TextWriter, rawClass: number, ttl: number, bytes: Buffer, from: number, to: number): boolean {
    this.present = true;
    this.udpSize = rawClass;
    this.extendedRcode = Math.floor(ttl / 0x1000000);
    this.version = (ttl >> 16) & 0xff;
    this.dnssecOk = (ttl & 0x8000) !== 0;
    let wellFormed = true;
    let at = from;
    for (let count = 0; at < to && count < optionsMax; count++) {
      if (at + 4 > to) return false;
      const code = readU16(bytes, at);
      const valueAt = at + 4;
      const valueEnd = valueAt + readU16(bytes, at + 2);
      if (valueEnd > to) return false;
      if (this.options === undefined) this.options = [optionName(code)];
      else if (!this.options.includes(optionName(code))) this.options.push(optionName(code));
      if (code === OptionCode.cookie) this.cookie = true;
      else if (code === OptionCode.clientSubnet) wellFormed = this.#readSubnet(text, bytes, valueAt, valueEnd) && wellFormed;
      else if (code === OptionCode.extendedError) wellFormed = this.#readError(bytes, valueAt, valueEnd) && wellFormed;
      at = valueEnd;
    }
    return wellFormed;
  }

  /** RFC 7871 §6: family, source and scope prefix lengths, then as many address bytes as the source prefix needs. */
  #readSubnet(text: TextWriter, bytes: Buffer, from: number, to: number): boolean {
    if (to - from < 4) return false;
    const family = readU16(bytes, from);
    const prefix = bytes[from + 2] as number;
    const length = to - from - 4;
    const width = family === 1 ? 4 : family === 2 ? 16 : 0;
    if (prefix > width * 8 || length !== (prefix + 7) >> 3) return false;
    if (width === 0) return true;
    address.fill(0);
    for (let index = 0; index < length; index++) address[index] = bytes[from + 4 + index] as number;
    text.begin(64);
    if (width === 4) text.ipv4(address, 0);
    else text.ipv6(address, 0);
    text.byte(0x2f);
    text.decimal(prefix);
    this.clientSubnet = text.toString();
    return true;
  }

  #readError(bytes: Buffer, from: number, to: number): boolean {
    if (to - from < 2) return false;
    if (this.errorCode >= 0) return true;
    this.errorCode = readU16(bytes, from);
    let end = Math.min(to, from + 2 + errorTextBytesMax);
    while (end > from + 2 && bytes[end - 1] === 0) end--;
    if (end > from + 2) this.errorText = bytes.toString('utf8', from + 2, end);
    return true;
  }
}
