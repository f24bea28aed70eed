// Drives one decoder with bytes, as the session room would, and collects what it says. Used by every decoder's tests.
// A script is a list of steps; `play` hands them over whole, `playCut` cut into pieces, and skips asked for by the
// decoder are honoured across steps.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  type Decoder,
  type DecoderContext,
  type DecoderDefinition,
  type Direction,
  DONE,
  type EndReason,
  HANDOVER,
  type HeldBytes,
  type Transport,
} from '../../src/decoders/index.ts';
import { type Anomaly, ByteText, type FieldValue, JsonText, type RecordType, type SessionField } from '../../src/record/index.ts';

export type Step =
  | { readonly direction: Direction; readonly bytes: Uint8Array; readonly timeUs: number }
  | { readonly direction: Direction; readonly gap: number; readonly timeUs: number }
  | { readonly direction: Direction; readonly finished: true; readonly timeUs: number };

export interface Emitted {
  readonly type: string;
  readonly timeUs: number;
  /** Every field of the record type that has a value, by its name. */
  readonly fields: Readonly<Record<string, FieldValue>>;
}

export interface Heard {
  readonly records: Emitted[];
  readonly notes: Map<string, (string | number | boolean)[]>;
  readonly anomalies: Map<string, number>;
  /** What the decoder returned last that was not a number of bytes. */
  finalVerdict: typeof DONE | typeof HANDOVER | undefined;
  /** Bytes from `handoverAt` on, by direction, once the decoder has handed over. */
  readonly handedOver: [Buffer, Buffer];
  /** Bytes behind those of a direction that the decoder had not held. */
  handedOverMissing: number;
  /** Name of the decoder that is to go on, when the one that handed over knows it. */
  heir: string;
  /** Names of protocols that the decoder said, in order. */
  readonly protocols: string[];
}

export interface PlayOptions {
  readonly transport?: Transport;
  readonly clientPort?: number;
  readonly serverPort?: number;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly end?: EndReason;
  /** IPv4 address of the side that opened the session; default 192.0.2.1. */
  readonly clientAddress?: readonly number[];
  /** Whether Arkime's document is written; default true. */
  readonly details?: boolean;
}

/** Default options of a definition, as the config room would fill them in. */
export function defaultOptions(definition: DecoderDefinition): Record<string, unknown> {
  const properties = definition.options.properties as Record<string, { default?: unknown }>;
  return Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, schema.default]));
}

/** A copy of a value with its byte texts as strings and its finished JSON read, as a reader of the record would see it. */
export function plain(value: unknown): unknown {
  if (value instanceof ByteText) return Buffer.from(value.bytes.subarray(value.from, value.to)).toString();
  if (value instanceof JsonText) return JSON.parse(Buffer.from(value.bytes.subarray(value.from, value.to)).toString());
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]));
}

function readFields<R>(type: RecordType<R>, record: R): Record<string, FieldValue> {
  const out: Record<string, FieldValue> = {};
  for (const field of type.fields) {
    const value = field.value(record);
    if (value === undefined || value === '' || (value as { length?: number }).length === 0) continue;
    out[field.name] = plain(value) as FieldValue;
  }
  return out;
}

class KitContext implements DecoderContext {
  readonly transport: Transport;
  readonly clientPort: number;
  readonly serverPort: number;
  readonly startUs: number;
  readonly details: boolean;
  readonly clientAddress: readonly number[];
  handoverAt = 0;
  handoverTo = '';
  handoverHeld: HeldBytes | undefined;
  readonly heard: Heard;

  constructor(play: PlayOptions, startUs: number, heard: Heard) {
    this.transport = play.transport ?? 'tcp';
    this.clientPort = play.clientPort ?? 40000;
    this.serverPort = play.serverPort ?? 80;
    this.startUs = startUs;
    this.details = play.details ?? true;
    this.clientAddress = play.clientAddress ?? [192, 0, 2, 1];
    this.heard = heard;
  }

  emit<R>(type: RecordType<R>, record: R, timeUs: number): void {
    this.heard.records.push({ type: type.name, timeUs, fields: readFields(type, record) });
  }

  protocol(name: string): void {
    if (!this.heard.protocols.includes(name)) this.heard.protocols.push(name);
  }

  note(field: SessionField, noted: ByteText | JsonText | string | number | boolean): void {
    const value = typeof noted === 'number' ? (field.names?.[noted] ?? noted) : (plain(noted) as string | boolean);
    if (value === '' && field.empty !== true && field.repeats !== true) return;
    const values = this.heard.notes.get(field.name);
    if (field.sum === true) {
      this.heard.notes.set(field.name, [((values?.[0] as number | undefined) ?? 0) + (value as number)]);
      return;
    }
    if (values === undefined) this.heard.notes.set(field.name, [value]);
    else if (field.many && (field.repeats === true || !values.includes(value))) values.push(value);
  }

  isClientAddress(bytes: Uint8Array, at: number, length: number): boolean {
    return length === this.clientAddress.length && this.clientAddress.every((byte, index) => bytes[at + index] === byte);
  }

  anomaly(anomaly: Anomaly, _timeUs: number): void {
    this.heard.anomalies.set(anomaly.name, (this.heard.anomalies.get(anomaly.name) ?? 0) + 1);
  }
}

interface SkipState {
  left: number;
  length: number;
  missing: number;
}

/** Hands a script to a fresh decoder and returns what it said. Bytes are overwritten after each call, so a decoder that keeps a view is found out. */
export function play(definition: DecoderDefinition, script: readonly Step[], options: PlayOptions = {}): Heard {
  const heard: Heard = {
    records: [],
    notes: new Map(),
    anomalies: new Map(),
    finalVerdict: undefined,
    handedOver: [Buffer.alloc(0), Buffer.alloc(0)],
    handedOverMissing: 0,
    heir: '',
    protocols: [],
  };
  const startUs = script[0]?.timeUs ?? 0;
  const context = new KitContext(options, startUs, heard);
  const decoder = definition.create(context, { ...defaultOptions(definition), ...options.options });
  const skips: [SkipState, SkipState] = [
    { left: 0, length: 0, missing: 0 },
    { left: 0, length: 0, missing: 0 },
  ];
  let timeUs = startUs;
  for (const step of script) {
    timeUs = step.timeUs;
    if (heard.finalVerdict === DONE) break;
    if ('bytes' in step) giveBytes(decoder, context, skips[step.direction], step.direction, step.bytes, timeUs);
    else if (heard.finalVerdict !== undefined) continue;
    else if ('gap' in step) giveGap(decoder, context, skips[step.direction], step.direction, step.gap, timeUs);
    else {
      endSkip(decoder, skips[step.direction], step.direction, timeUs);
      decoder.finished(step.direction, timeUs);
    }
  }
  if (heard.finalVerdict === undefined) {
    endSkip(decoder, skips[0], 0, timeUs);
    endSkip(decoder, skips[1], 1, timeUs);
  }
  decoder.end(options.end ?? 'fin', timeUs);
  return heard;
}

function giveBytes(
  decoder: Decoder,
  context: KitContext,
  skip: SkipState,
  direction: Direction,
  bytes: Uint8Array,
  timeUs: number,
): void {
  const heard = context.heard;
  if (heard.finalVerdict === HANDOVER) {
    heard.handedOver[direction] = Buffer.concat([heard.handedOver[direction], bytes]);
    return;
  }
  const shift = 3;
  const copy = Buffer.alloc(bytes.length + shift + 5, 0xa5);
  copy.set(bytes, shift);
  let from = shift;
  const to = shift + bytes.length;
  if (skip.left > 0) {
    const taken = Math.min(skip.left, to - from);
    skip.left -= taken;
    from += taken;
    if (skip.left === 0) decoder.skipped(direction, skip.length, skip.missing, timeUs);
  }
  if (from < to) {
    const answer = decoder.data(direction, copy, from, to, timeUs);
    if (answer === DONE) heard.finalVerdict = DONE;
    else if (answer === HANDOVER) {
      assert.ok(context.handoverAt >= from && context.handoverAt <= to, 'handoverAt lies in the bytes given');
      heard.finalVerdict = HANDOVER;
      heard.heir = context.handoverTo;
      heard.handedOver[direction] = Buffer.from(copy.subarray(context.handoverAt, to));
      const held = context.handoverHeld;
      if (held !== undefined) {
        assert.notEqual(held.direction, direction, 'what was held is of the other direction');
        heard.handedOver[held.direction] = Buffer.from(held.bytes.subarray(0, held.length));
        heard.handedOverMissing = held.missing;
      }
    } else {
      assert.ok(Number.isInteger(answer) && answer >= 0, `data() returned ${answer}`);
      skip.left = answer;
      skip.length = answer;
      skip.missing = 0;
    }
  }
  copy.fill(0x5a);
}

function giveGap(
  decoder: Decoder,
  context: KitContext,
  skip: SkipState,
  direction: Direction,
  length: number,
  timeUs: number,
): void {
  let rest = length;
  if (skip.left > 0) {
    const taken = Math.min(skip.left, rest);
    skip.left -= taken;
    skip.missing += taken;
    rest -= taken;
    if (skip.left === 0) decoder.skipped(direction, skip.length, skip.missing, timeUs);
    if (rest === 0) return;
  }
  if (!decoder.gap(direction, rest, timeUs)) context.heard.finalVerdict = DONE;
}

/** The stream ends inside a skip: the decoder learns how much of it came. */
function endSkip(decoder: Decoder, skip: SkipState, direction: Direction, timeUs: number): void {
  const passed = skip.length - skip.left;
  if (skip.left > 0 && passed > 0) decoder.skipped(direction, passed, skip.missing, timeUs);
  skip.left = 0;
}

/** The script with every byte step cut at the given sizes, in turn. */
export function cut(script: readonly Step[], sizes: readonly number[]): Step[] {
  const out: Step[] = [];
  let turn = 0;
  for (const step of script) {
    if (!('bytes' in step)) {
      out.push(step);
      continue;
    }
    for (let from = 0; from < step.bytes.length; ) {
      const size = Math.max(1, sizes[turn++ % sizes.length] ?? 1);
      out.push({ direction: step.direction, bytes: step.bytes.subarray(from, from + size), timeUs: step.timeUs });
      from += size;
    }
  }
  return out;
}

const said = (heard: Heard): unknown => ({
  records: heard.records,
  notes: [...heard.notes].sort(([a], [b]) => (a < b ? -1 : 1)),
  anomalies: [...heard.anomalies].sort(([a], [b]) => (a < b ? -1 : 1)),
  handedOver: heard.handedOver.map((bytes) => bytes.toString('hex')),
  handedOverMissing: heard.handedOverMissing,
});

/** Asserts that every way to cut the script in two, one byte at a time, and random cuts give what the whole gives. */
export function assertCutInvariant(definition: DecoderDefinition, script: readonly Step[], options: PlayOptions = {}): void {
  const whole = said(play(definition, script, options));
  assert.deepEqual(said(play(definition, cut(script, [1]), options)), whole, 'a byte at a time');
  script.forEach((step, position) => {
    if (!('bytes' in step)) return;
    for (let at = 1; at < step.bytes.length; at++) {
      const parts: Step[] = [
        { ...step, bytes: step.bytes.subarray(0, at) },
        { ...step, bytes: step.bytes.subarray(at) },
      ];
      const steps = [...script.slice(0, position), ...parts, ...script.slice(position + 1)];
      assert.deepEqual(said(play(definition, steps, options)), whole, `step ${position} cut at byte ${at}`);
    }
  });
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 }), (sizes) => {
      assert.deepEqual(said(play(definition, cut(script, sizes), options)), whole);
    }),
    { numRuns: 50, seed: 1 },
  );
}

/** Feeds random bytes, and the script with random bytes changed, left out and cut; nothing may throw. */
export function assertSurvives(
  definition: DecoderDefinition,
  script: readonly Step[],
  options: PlayOptions = {},
  runs = 300,
): void {
  const randomStep = fc.record({
    direction: fc.constantFrom<Direction>(0, 1),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 300 }),
    timeUs: fc.integer({ min: 0, max: 1e9 }),
  });
  fc.assert(
    fc.property(fc.array(randomStep, { maxLength: 12 }), (steps) => {
      for (const step of steps) definition.probe(step.direction, Buffer.from(step.bytes), 0, step.bytes.length);
      play(definition, steps, options);
    }),
    { numRuns: runs, seed: 2 },
  );
  const change = fc.record({
    at: fc.nat(1_000_000),
    value: fc.integer({ min: 0, max: 255 }),
    kind: fc.constantFrom('set', 'drop', 'gap'),
  });
  fc.assert(
    fc.property(
      fc.array(change, { minLength: 1, maxLength: 6 }),
      fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1 }),
      (changes, sizes) => {
        const steps = cut(script, sizes).map((step) =>
          'bytes' in step ? { ...step, bytes: Uint8Array.from(step.bytes) } : step,
        );
        for (const { at, value, kind } of changes) {
          const step = steps[at % steps.length];
          if (step === undefined || !('bytes' in step)) continue;
          if (kind === 'set') step.bytes[at % step.bytes.length] = value;
          else if (kind === 'drop') steps.splice(at % steps.length, 1);
          else steps[at % steps.length] = { direction: step.direction, gap: step.bytes.length, timeUs: step.timeUs };
          if (steps.length === 0) break;
        }
        play(definition, steps, options);
      },
    ),
    { numRuns: runs, seed: 3 },
  );
}

/** The same conversation as seen when the session's direction was taken the wrong way round. */
export function swapped(script: readonly Step[]): Step[] {
  return script.map((step) => ({ ...step, direction: step.direction === 0 ? 1 : 0 }));
}

/** Step from text or bytes: `c2s('GET / …')`. Times count up from `timeUs` of the last step by the caller. */
export function c2s(bytes: string | Uint8Array, timeUs = 0): Step {
  return { direction: 0, bytes: typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes, timeUs };
}

export function s2c(bytes: string | Uint8Array, timeUs = 0): Step {
  return { direction: 1, bytes: typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes, timeUs };
}
