// Builds DNS messages byte by byte for the tests of the DNS decoder.

export interface QuestionSpec {
  readonly name: Uint8Array;
  readonly type: number;
  readonly rrClass?: number;
}

export interface RecordSpec {
  readonly name: Uint8Array;
  readonly type: number;
  readonly rrClass?: number;
  readonly ttl?: number;
  readonly data: Uint8Array;
}

export interface MessageSpec {
  readonly id?: number;
  /** The header's second word. */
  readonly flags?: number;
  readonly questions?: readonly QuestionSpec[];
  readonly answers?: readonly RecordSpec[];
  readonly authorities?: readonly RecordSpec[];
  readonly additionals?: readonly RecordSpec[];
}

/** Numbers: bytes; strings: their Latin-1 bytes. */
export function bytes(...parts: (number | string | Uint8Array)[]): Buffer {
  return Buffer.concat(
    parts.map((part) =>
      typeof part === 'number' ? Buffer.from([part]) : typeof part === 'string' ? Buffer.from(part, 'latin1') : part,
    ),
  );
}

export function u16(...values: number[]): Buffer {
  return bytes(...values.flatMap((value) => [value >> 8, value & 255]));
}

export function u32(...values: number[]): Buffer {
  return bytes(...values.flatMap((value) => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]));
}

export function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(' ', ''), 'hex');
}

/** `www.example.com` uncompressed; '' is the root. */
export function name(text: string): Buffer {
  const labels = text === '' ? [] : text.split('.');
  return bytes(...labels.flatMap((label) => [label.length, label]), 0);
}

/** A compression pointer to `offset` of the message. */
export function pointer(offset: number): Buffer {
  return u16(0xc000 | offset);
}

/** Pointer to the first question's name. */
export const asked = pointer(12);

/** A character-string. */
export function text(value: string): Buffer {
  return bytes(value.length, value);
}

function record(spec: RecordSpec): Buffer {
  return bytes(spec.name, u16(spec.type, spec.rrClass ?? 1), u32(spec.ttl ?? 300), u16(spec.data.length), spec.data);
}

export function message(spec: MessageSpec): Buffer {
  const questions = spec.questions ?? [];
  const sections = [spec.answers ?? [], spec.authorities ?? [], spec.additionals ?? []];
  return bytes(
    u16(spec.id ?? 0x1234, spec.flags ?? 0x0100, questions.length, ...sections.map((section) => section.length)),
    ...questions.map((question) => bytes(question.name, u16(question.type, question.rrClass ?? 1))),
    ...sections.flat().map(record),
  );
}

/** A query for one name. */
export function query(host: string, type: number, id = 0x1234): Buffer {
  return message({ id, questions: [{ name: name(host), type }] });
}

/** Its response. */
export function response(host: string, type: number, answers: readonly RecordSpec[], id = 0x1234, flags = 0x8180): Buffer {
  return message({ id, flags, questions: [{ name: name(host), type }], answers });
}

/** OPT record with options `[code, value]`. */
export function opt(udpSize: number, ttl: number, ...options: [number, Uint8Array][]): RecordSpec {
  return {
    name: bytes(0),
    type: 41,
    rrClass: udpSize,
    ttl,
    data: bytes(...options.map(([code, value]) => bytes(u16(code, value.length), value))),
  };
}

/** With its length before it, as in a stream. */
export function framed(...messages: Uint8Array[]): Buffer {
  return bytes(...messages.map((each) => bytes(u16(each.length), each)));
}
