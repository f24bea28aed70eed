// Signatures as the config has them, plain data that goes to packet workers, and what the matcher makes of them. The config room
// asks the same functions whether a pattern is one.

import type { Direction } from '../contract.ts';
import type { Signature } from './signature.ts';

export interface ConfiguredSignature {
  readonly name: string;
  readonly tag: string;
  /** A field of the session's record, and the value it gets; '' none. */
  readonly field: string;
  readonly value: string;
  readonly transports: readonly ('tcp' | 'udp' | 'sctp')[];
  /** Empty: any. */
  readonly ports: readonly number[];
  readonly direction: 'any' | 'client' | 'server';
  /** As `patternBytes` takes them; empty: any bytes. */
  readonly bytes: readonly string[];
  readonly at: number;
  readonly least: number;
  /** '' none */
  readonly regex: string;
  readonly ignore_case: boolean;
}

/** Longest pattern of bytes. */
export const patternMost = 256;

/**
 * The bytes that a pattern stands for, one character each: `hex:16 03 01`, or text in which `\x16`, `\r`, `\n`, `\t`, `\0` and
 * `\\` are one byte and other characters their UTF-8. Undefined: it is no pattern.
 */
export function patternBytes(pattern: string): string | undefined {
  if (pattern.startsWith('hex:')) {
    const digits = pattern.slice('hex:'.length).replace(/\s+/g, '');
    if (digits === '' || !/^([0-9a-f]{2})+$/i.test(digits)) return undefined;
    return limited(Buffer.from(digits, 'hex').toString('latin1'));
  }
  let bytes = '';
  for (let at = 0; at < pattern.length; ) {
    if (pattern[at] !== '\\') {
      const character = String.fromCodePoint(pattern.codePointAt(at) as number);
      bytes += Buffer.from(character).toString('latin1');
      at += character.length;
      continue;
    }
    const found = /^\\(?:x([0-9a-f]{2})|([rnt0\\]))/i.exec(pattern.slice(at, at + 4));
    if (found === null) return undefined;
    bytes += found[1] === undefined ? shortEscapes[found[2] as string] : String.fromCharCode(Number.parseInt(found[1], 16));
    at += found[0].length;
  }
  return bytes === '' ? undefined : limited(bytes);
}

const shortEscapes: Readonly<Record<string, string>> = { r: '\r', n: '\n', t: '\t', '0': '\0', '\\': '\\' };

function limited(bytes: string): string | undefined {
  return bytes.length > patternMost ? undefined : bytes;
}

/** For text of Latin-1; throws `SyntaxError`. */
export function patternRegex(regex: string, ignoreCase: boolean): RegExp {
  return new RegExp(regex, ignoreCase ? 'i' : '');
}

/** `configured` has been checked. `note`: what its field and value come to. */
export function signatureOf(configured: ConfiguredSignature, note: Signature['note']): Signature {
  const { name, tag, transports, ports, direction, bytes, at, least, regex, ignore_case: ignoreCase } = configured;
  const side: Direction | undefined = direction === 'any' ? undefined : direction === 'client' ? 0 : 1;
  return {
    name,
    transports,
    ...(tag === '' ? {} : { tag }),
    ...(note === undefined ? {} : { note }),
    ...(ports.length === 0 ? {} : { ports }),
    ...(side === undefined ? {} : { direction: side }),
    ...(bytes.length === 0 ? {} : { bytes: bytes.map((pattern) => patternBytes(pattern) as string), at }),
    ...(least === 0 ? {} : { least }),
    ...(regex === '' ? {} : { regex: patternRegex(regex, ignoreCase) }),
  };
}
