// A decoder as a fuzz target: mutated conversations, whole and cut. Nothing may throw, and a cut stream must give what
// the whole one gives.
//
// Input: transport (its place in the decoder's list, the rest of a division by how many there are), server port (2 bytes), then
// steps: what and when (1 byte), length (2 bytes, low first), bytes. Bit 0 of a step is the direction; bits 1 to 3 make it a gap (6)
// or the end of the direction (7), else data; the upper four bits are seconds that pass before it.

import assert from 'node:assert/strict';
import type { DecoderDefinition, Direction } from '../../src/decoders/index.ts';
import { cut, type Heard, play, type Step } from '../../test/decoders/decoder-kit.ts';
import { decoderSeeds, type Talk } from './decoder-seeds.ts';
import type { Target } from './target.ts';

const headBytes = 3;
const gapCode = 6;
const finishedCode = 7;

export function decoderTarget(definition: DecoderDefinition): Target {
  return {
    name: definition.name,
    meaning: `conversations, mutated and cut, at the ${definition.name} decoder`,
    seeds: (captures) => (decoderSeeds(captures).get(definition.name) ?? []).map((talk) => encode(definition, talk)),
    run: (input) => run(definition, input),
  };
}

function run(definition: DecoderDefinition, input: Buffer): string {
  const transport = definition.transports[(input[0] ?? 0) % definition.transports.length] ?? 'tcp';
  const options = { transport, serverPort: ((input[1] ?? 0) << 8) | (input[2] ?? 0) } as const;
  const script = decode(input);
  for (const step of script) {
    if ('bytes' in step) definition.probe(step.direction, Buffer.from(step.bytes), 0, step.bytes.length);
  }
  const whole = play(definition, script, options);
  if (transport === 'tcp') {
    // The sizes come from the input too, so that they are mutated with it.
    const sizes = [...input.subarray(0, 8)].map((byte) => 1 + (byte & 63));
    assert.deepEqual(said(play(definition, cut(script, sizes), options)), said(whole), 'the cut stream gives something else');
  }
  const kinds = whole.records.map(({ type, fields }) => `${type} ${String(fields[`${type}.outcome`])}`);
  const words = [...new Set(kinds), ...whole.notes.keys(), ...whole.protocols, ...whole.anomalies.keys()];
  return [...words, String(whole.finalVerdict)].sort().join(', ');
}

/**
 * What a decoder said, to compare. A decoder that hands over or stops while the other direction is inside a skip is not
 * told how far that had come, so sizes and durations then depend on the cuts.
 */
function said(heard: Heard): unknown {
  const isWhole = heard.finalVerdict === undefined;
  const fieldsOf = (fields: Readonly<Record<string, unknown>>): unknown =>
    isWhole ? fields : Object.fromEntries(Object.entries(fields).filter(([name]) => !/bytes$|duration/.test(name)));
  return {
    records: heard.records.map(({ type, timeUs, fields }) => ({ type, timeUs, fields: fieldsOf(fields) })),
    notes: [...heard.notes].sort(([a], [b]) => (a < b ? -1 : 1)),
    protocols: heard.protocols,
    heir: heard.heir,
    anomalies: [...heard.anomalies].sort(([a], [b]) => (a < b ? -1 : 1)),
    handedOver: heard.handedOver.map((bytes) => bytes.toString('hex')),
  };
}

function encode(definition: DecoderDefinition, { transport, serverPort, script }: Talk): Buffer {
  const parts: Buffer[] = [Buffer.of(definition.transports.indexOf(transport), serverPort >> 8, serverPort & 255)];
  const add = (code: number, direction: number, length: number, bytes: Uint8Array = Buffer.alloc(0)): void =>
    void parts.push(Buffer.of((code << 1) | direction, length & 255, length >> 8), Buffer.from(bytes));
  for (const step of script) {
    if ('gap' in step) add(gapCode, step.direction, Math.min(step.gap, 65535));
    else if ('finished' in step) add(finishedCode, step.direction, 0);
    else {
      for (let at = 0; at < step.bytes.length; at += 65535) {
        const part = step.bytes.subarray(at, at + 65535);
        add(0, step.direction, part.length, part);
      }
    }
  }
  return Buffer.concat(parts);
}

function decode(input: Buffer): Step[] {
  const steps: Step[] = [];
  let timeUs = 1_000_000;
  for (let at = headBytes; at + headBytes <= input.length; ) {
    const what = input[at] as number;
    const length = input.readUInt16LE(at + 1);
    const direction = (what & 1) as Direction;
    const code = (what >> 1) & 7;
    timeUs += 1000 + (what >> 4) * 1_000_000;
    at += headBytes;
    if (code === gapCode) steps.push({ direction, gap: Math.max(1, length), timeUs });
    else if (code === finishedCode) steps.push({ direction, finished: true, timeUs });
    else {
      const bytes = input.subarray(at, at + length);
      at += bytes.length;
      if (bytes.length > 0) steps.push({ direction, bytes, timeUs });
    }
  }
  return steps;
}
