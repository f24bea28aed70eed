// What a protocol's first bytes look like where its name is all that is wanted. Signatures ship with the sensor
// (`signatures.ts`) and come from the config; the matcher compiles both into one table.

import type { SessionField } from '../../record/index.ts';
import type { Direction } from '../contract.ts';
import type { HeadForms } from '../payload-condition.ts';

export interface Signature {
  /** Name of the protocol, as in `protocol` of Arkime's document and `session.protocols`; '' for one that only tags. */
  readonly name: string;
  /** A mark for the session instead of, or beside, the name. */
  readonly tag?: string;
  /** A value for the session's record. */
  readonly note?: { readonly field: SessionField; readonly value: string | number | boolean };
  readonly transports: readonly ('tcp' | 'udp' | 'sctp')[];
  /** The server's port has to be one of these, or the client's when that is the lower one: such a session was met in its middle. Default any. */
  readonly ports?: readonly number[];
  /** Only what this side sends: 0 the side that opened the session. */
  readonly direction?: Direction;
  /** Bytes, one character each (`\x00` to `\xff`), that begin at `at`; several: any of them. */
  readonly bytes?: string | readonly string[];
  /** Offset of `bytes`; default 0. */
  readonly at?: number;
  /** Fewest bytes of payload. */
  readonly least?: number;
  /** Forms, one of which all payload has that `check` and `regex` take; spares asking them. */
  readonly forms?: HeadForms;
  /** What bytes alone cannot say. `bytes[from, to)` is the payload. */
  readonly check?: (bytes: Buffer, from: number, to: number) => boolean;
  /** Of the payload as text of Latin-1, its first bytes at most `regexBytes`. */
  readonly regex?: RegExp;
}

/** Bytes of payload that regular expressions see. */
export const regexBytes = 1024;
