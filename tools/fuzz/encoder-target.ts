// The ECS encoder as a fuzz target: a record type and values made of the input. What is written must be the JSON of
// those values, nothing may be written behind the limit, and what does not fit must be refused.
//
// Input: room for the record (2 bytes), then fields: name and type (1 byte), length (1 byte), bytes.

import assert from 'node:assert/strict';
import { defineRecordType, EcsEncoder, type Field, type FieldType, type FieldValue } from '../../src/record/index.ts';
import { RecordScribe } from '../../src/scribe/index.ts';
import type { Target } from './target.ts';

const names = ['a', 'b.c', 'b.d', 'b.e.f', 'b.e.g', 'h.i', 'event.reason', 'event.x', 'j"k.l', 'b.m', 'network.x', 'n.o.p.q'];
const types: readonly FieldType[] = ['keyword', 'long', 'boolean', 'float', 'object', 'keyword', 'long', 'text'];
const canary = 0xa5;
const largest = 1 << 20;

export const encoderTarget: Target = {
  name: 'encoder',
  meaning: 'records with any names and values, in any room, at the ECS encoder',
  seeds: () => [
    Buffer.concat([
      Buffer.of(255, 255),
      ...names.map((_, index) => Buffer.from([index | 0x00, 5, 0x68, 0xc3, 0xa9, 0x22, 0x0a])),
    ]),
    Buffer.from([200, 0, 0x21, 4, 1, 2, 3, 4, 0x42, 0, 0x63, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0x84, 3, 0xed, 0xa0, 0x80]),
  ],
  run,
};

function run(input: Buffer): string {
  const fields: Field<undefined>[] = [];
  const wanted: Record<string, unknown> = {};
  for (let at = 2; at + 2 <= input.length; ) {
    const what = input[at] as number;
    const bytes = input.subarray(at + 2, at + 2 + (input[at + 1] as number));
    at += 2 + bytes.length;
    const name = names[(what & 15) % names.length] as string;
    if (fields.some((field) => field.name === name)) continue;
    const type = types[(what >> 4) & 7] as FieldType;
    const value = valueFrom(type, bytes, what >= 128);
    fields.push({ name, type, meaning: '', value: () => value });
    place(wanted, name.split('.'), value);
  }
  const type = defineRecordType<undefined>({ name: 'fuzz', meaning: '', fields });
  const whole = Buffer.alloc(largest, canary);
  const end = new EcsEncoder(new RecordScribe()).encode(type, undefined, undefined, 1_700_000_000_123_456, whole, 0, largest);
  assert.ok(end > 0, 'a small record does not fit in 1 MiB');
  const { '@timestamp': time, ecs, event, ...rest } = JSON.parse(whole.toString('utf8', 0, end)) as Record<string, unknown>;
  assert.equal(time, '2023-11-14T22:13:20.123456Z');
  assert.ok(ecs !== undefined);
  const { kind, category, type: eventType, dataset, ...ownEvent } = event as Record<string, unknown>;
  assert.deepEqual([kind, category, eventType, dataset], ['event', ['network'], ['connection', 'protocol'], 'fuzz']);
  const given = Object.keys(ownEvent).length > 0 ? { ...rest, event: ownEvent } : rest;
  assert.deepEqual(given, JSON.parse(JSON.stringify(wanted)), 'the document holds other values');

  const room = input.length < 2 ? 0 : input.readUInt16LE(0) % (end + 1000);
  const from = 16;
  const tight = Buffer.alloc(from + room + 64, canary);
  const tightEnd = new EcsEncoder(new RecordScribe()).encode(
    type,
    undefined,
    undefined,
    1_700_000_000_123_456,
    tight,
    from,
    from + room,
  );
  assert.ok(
    tight.subarray(0, from).every((byte) => byte === canary),
    'written before the start',
  );
  assert.ok(
    tight.subarray(from + room).every((byte) => byte === canary),
    'written behind the limit',
  );
  if (tightEnd >= 0) assert.ok(tight.subarray(from, tightEnd).equals(whole.subarray(0, end)), 'another document in less room');
  // The writer may ask for the largest form of a string or number, so a close fit may be refused, but never much room.
  else assert.ok(room < end * 6 + 100, 'refused although there is room');
  return `${fields.length} ${tightEnd >= 0}`;
}

function valueFrom(type: FieldType, bytes: Buffer, isMany: boolean): FieldValue {
  const one = scalarFrom(type, bytes);
  if (type === 'object') return [{ text: bytes.toString('utf8'), nested: { number: bytes.length }, left_out: undefined }];
  return isMany ? [one, one] : one;
}

function scalarFrom(type: FieldType, bytes: Buffer): string | number | boolean {
  const padded = Buffer.concat([bytes, Buffer.alloc(8)]);
  if (type === 'long') return Number(BigInt.asIntN(53, padded.readBigInt64LE(0)));
  if (type === 'float') return padded.readDoubleLE(0);
  if (type === 'boolean') return ((bytes[0] ?? 0) & 1) === 1;
  // UTF-16 as it falls, lone surrogates among it.
  return bytes.length % 2 === 0 ? bytes.toString('utf16le') : bytes.toString('latin1');
}

/** Where a value stands in the document; nothing for what encoders leave out. */
function place(document: Record<string, unknown>, path: readonly string[], value: FieldValue): void {
  if (value === undefined || value === '' || (Array.isArray(value) && value.length === 0)) return;
  let at = document;
  for (const name of path.slice(0, -1)) {
    at[name] ??= {};
    at = at[name] as Record<string, unknown>;
  }
  at[path.at(-1) as string] = wellFormed(value);
}

/** A lone surrogate has no UTF-8 form: U+FFFD stands in for it. Numbers that JSON lacks are null. */
function wellFormed(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  if (Array.isArray(value)) return value.map(wellFormed);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, wellFormed(member)]));
  return value;
}
