// What an OPT record says (EDNS(0), RFC 6891 §6.1). Each transaction keeps one for its query, reused with it; for its
// response only where several messages make one. Filled by the decoder on packet workers.

import { JsonText } from '../../record/index.ts';
import { readU16 } from '../big-endian.ts';
import { optionName } from './code-points.ts';
import { TextWriter } from './text-writer.ts';

/** Option codes that are looked into. */
const OptionCode = { clientSubnet: 8, cookie: 10, extendedError: 15 } as const;

/** Options named in a record; more are not looked at. */
const optionsMax = 16;
/** Bytes of an extended error's text that are shown (RFC 8914 §2 asks for short ones). */
const errorTextBytesMax = 256;

/** Lists of option names by their codes, for the combinations that senders use. */
const optionLists = new Map<number, JsonText>();
const optionListsMax = 1024;
/** Codes with a name and number of them that make a key of `optionLists`; other lists are made each time. */
const keyedCodesMax = 32;
const keyedOptionsMax = 8;

const text = new TextWriter(64);
const subnetText = new JsonText(text.bytes, 0, 0);

export class Edns {
  present: boolean;
  version: number;
  udpSize: number;
  dnssecOk: boolean;
  /** Upper eight bits of the rcode. */
  extendedRcode: number;
  /** Client subnet (RFC 7871 §6): bytes of an address, 0 when absent, and how many bits of it were sent. */
  subnetWidth: number;
  subnetPrefix: number;
  /** Made with the first subnet, kept when cleared. */
  #subnetAddress: Uint8Array | undefined;
  cookie: boolean;
  /** INFO-CODE of the first extended error (RFC 8914); -1 when absent. */
  errorCode: number;
  errorText: string;
  /** Codes of the first options, different ones. */
  optionCount: number;
  /** Made with the first option, kept when cleared. */
  #optionCodes: Uint16Array | undefined;

  constructor() {
    this.present = false;
    this.version = 0;
    this.udpSize = 0;
    this.dnssecOk = false;
    this.extendedRcode = 0;
    this.subnetWidth = 0;
    this.subnetPrefix = 0;
    this.#subnetAddress = undefined;
    this.cookie = false;
    this.errorCode = -1;
    this.errorText = '';
    this.optionCount = 0;
    this.#optionCodes = undefined;
  }

  clear(): void {
    if (!this.present) return;
    this.present = false;
    this.version = 0;
    this.udpSize = 0;
    this.dnssecOk = false;
    this.extendedRcode = 0;
    this.subnetWidth = 0;
    this.subnetPrefix = 0;
    this.cookie = false;
    this.errorCode = -1;
    this.errorText = '';
    this.optionCount = 0;
  }

  /** Takes the fixed part from class and TTL and the options from `[from, to)`. @returns false when the options are malformed. */
  read(rawClass: number, ttl: number, bytes: Buffer, from: number, to: number): boolean {
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
      this.#addOption(code);
      if (code === OptionCode.cookie) this.cookie = true;
      else if (code === OptionCode.clientSubnet) wellFormed = this.#readSubnet(bytes, valueAt, valueEnd) && wellFormed;
      else if (code === OptionCode.extendedError) wellFormed = this.#readError(bytes, valueAt, valueEnd) && wellFormed;
      at = valueEnd;
    }
    return wellFormed;
  }

  #addOption(code: number): void {
    this.#optionCodes ??= new Uint16Array(optionsMax);
    for (let index = 0; index < this.optionCount; index++) if (this.#optionCodes[index] === code) return;
    this.#optionCodes[this.optionCount++] = code;
  }

  /** Names of the options; undefined when there are none. */
  get options(): JsonText | undefined {
    const count = this.optionCount;
    const codes = this.#optionCodes;
    if (count === 0 || codes === undefined) return undefined;
    let key = count > keyedOptionsMax ? -1 : 0;
    for (let index = 0; index < count && key >= 0; index++) {
      const code = codes[index] as number;
      key = code < keyedCodesMax ? key * (keyedCodesMax + 1) + code + 1 : -1;
    }
    const known = key < 0 ? undefined : optionLists.get(key);
    if (known !== undefined) return known;
    const list = JsonText.of(Array.from(codes.subarray(0, count), optionName));
    if (key >= 0 && optionLists.size < optionListsMax) optionLists.set(key, list);
    return list;
  }

  /** `192.0.2.0/24`; undefined when absent. Valid until the next is asked for. */
  get clientSubnet(): JsonText | undefined {
    if (this.subnetWidth === 0) return undefined;
    const address = this.#subnetAddress as Uint8Array;
    text.begin(64);
    text.byte(0x22);
    if (this.subnetWidth === 4) text.ipv4(address, 0);
    else text.ipv6(address, 0);
    text.byte(0x2f);
    text.decimal(this.subnetPrefix);
    text.byte(0x22);
    subnetText.to = text.length;
    return subnetText;
  }

  /** RFC 7871 §6: family, source and scope prefix lengths, then as many address bytes as the source prefix needs. */
  #readSubnet(bytes: Buffer, from: number, to: number): boolean {
    if (to - from < 4) return false;
    const family = readU16(bytes, from);
    const prefix = bytes[from + 2] as number;
    const length = to - from - 4;
    const width = family === 1 ? 4 : family === 2 ? 16 : 0;
    if (prefix > width * 8 || length !== (prefix + 7) >> 3) return false;
    if (width === 0) return true;
    this.#subnetAddress ??= new Uint8Array(16);
    this.#subnetAddress.fill(0);
    for (let index = 0; index < length; index++) this.#subnetAddress[index] = bytes[from + 4 + index] as number;
    this.subnetWidth = width;
    this.subnetPrefix = prefix;
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

/** Of a message that has not come; never filled. */
export const noEdns = new Edns();
