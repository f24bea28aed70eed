// What payload has to be like for a decoder's probe or a signature to want it: plain data, all of it necessary and none of it
// sufficient. The addon screens packets with it (crates/capture/src/recognition/screen.rs), so that those nobody can want are not
// handed over.

/** A number of 16 bits in network order. One that the payload does not reach, or reaches by half, is as it has to be, but where it is needed. */
export interface WordBound {
  readonly at: number;
  /** Default 0. */
  readonly least?: number;
  /** Default 65535. */
  readonly most?: number;
  /** It has to be there. */
  readonly needed?: boolean;
}

/** Forms of a payload's head: it has one of them when all numbers of that are as they have to be. */
export type HeadForms = readonly (readonly WordBound[])[];

/** All that is necessary for one decoder or one signature. */
export interface PayloadCondition {
  /** Fewest bytes. */
  readonly least: number;
  /** The server's port is one of these, or the client's when that is not the higher one. */
  readonly ports?: number[];
  /** Offset of `patterns`. */
  readonly at: number;
  /** One of them stands at `at`. */
  readonly patterns?: Buffer[];
  /** None: any. */
  readonly forms: WordBound[][];
  /** Of fewer bytes of a stream that are as they have to be, it is known that more are wanted. Default: of none. */
  readonly waitsBelow?: number;
  readonly word?: FirstWord;
}

/** A word that a stream begins with, if with any: while there is nothing else, more is wanted; behind a longer word nothing is. */
export interface FirstWord {
  /** What it consists of. */
  readonly bytes: Buffer;
  /** Most bytes of it. */
  readonly most: number;
}

/** Copies of forms that may be handed to the addon. */
export function formsOf(forms: HeadForms | undefined): WordBound[][] {
  return (forms ?? []).map((form) => [...form]);
}

/** Everything is as it has to be. */
export const anyPayload: PayloadCondition = { least: 0, at: 0, forms: [] };
