// The header fields of a message or part out of its lines: unfolds them (RFC 5322 section 2.2.3) and hands over each when
// it is whole. Bounded. Used by the message reader, and by IMAP for headers that it carries alone.

const colon = 0x3a;

export class HeaderBlock {
  readonly #maxBytes: number;
  readonly #maxFields: number;
  readonly #field: (name: string, value: string) => void;
  #text: string;
  #fields: number;

  /**
   * @param maxBytes longest unfolded field
   * @param field gets the name in lower case and what stands behind the colon, a character each byte
   */
  constructor(maxBytes: number, maxFields: number, field: (name: string, value: string) => void) {
    this.#maxBytes = maxBytes;
    this.#maxFields = maxFields;
    this.#field = field;
    this.#text = '';
    this.#fields = 0;
  }

  /** Takes a line without its end. @returns true when it was the empty one behind the fields */
  line(bytes: Buffer, from: number, to: number): boolean {
    const first = from < to ? bytes[from] : -1;
    if ((first === 0x20 || first === 0x09) && this.#text !== '') {
      const room = this.#maxBytes - this.#text.length;
      // The blank of the fold may be a tab.
      if (room > 0) this.#text += ` ${bytes.toString('latin1', from + 1, Math.min(to, from + room))}`;
      return false;
    }
    this.finish();
    if (from === to) return true;
    if (isField(bytes, from, to)) this.#text = bytes.toString('latin1', from, Math.min(to, from + this.#maxBytes));
    return false;
  }

  /** Nothing more comes: hands over the last field. */
  finish(): void {
    const text = this.#text;
    if (text === '') return;
    this.#text = '';
    this.#fields += 1;
    if (this.#fields > this.#maxFields) return;
    const end = text.indexOf(':');
    this.#field(text.slice(0, end).trimEnd().toLowerCase(), text.slice(end + 1));
  }

  /** Begins anew, for another block. */
  reset(): void {
    this.#text = '';
    this.#fields = 0;
  }
}

/** Longest name of a field. */
const nameMost = 256;

/** A name of printable ASCII without blanks, a colon behind it (blanks before the colon: RFC 5322 section 4.5). */
function isField(bytes: Buffer, from: number, to: number): boolean {
  let at = from;
  while (at < to && at - from < nameMost && (bytes[at] as number) > 0x20 && (bytes[at] as number) < 0x7f && bytes[at] !== colon)
    at += 1;
  if (at === from) return false;
  while (at < to && (bytes[at] === 0x20 || bytes[at] === 0x09)) at += 1;
  return at < to && bytes[at] === colon;
}
