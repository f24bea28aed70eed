// A whole conversation: its golden records, and that neither cuts nor damage nor a swapped direction change or break it.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { httpDecoder } from '../../../src/decoders/http/index.ts';
import { assertCutInvariant, assertSurvives, cut, type Step, swapped } from '../decoder-kit.ts';
import { conversation, hear, summary, summaryOf } from './talk.ts';

const golden = new URL('./golden/conversation.json', import.meta.url);

test('golden: a conversation gives these records, notes and anomalies', () => {
  const heard = hear(conversation, { details: false });
  const said = { records: heard.records, notes: Object.fromEntries(heard.notes), anomalies: Object.fromEntries(heard.anomalies) };
  assert.deepEqual(JSON.parse(JSON.stringify(said)), JSON.parse(readFileSync(golden, 'utf8')));
});

test('any cut gives the same', () => {
  assertCutInvariant(httpDecoder, conversation);
  assertCutInvariant(httpDecoder, conversation, { details: false });
});

test("what Arkime's document needs changes nothing in the records", () => {
  assert.deepEqual(hear(conversation).records, hear(conversation, { details: false }).records);
});

test('any cut of an unfinished conversation gives the same, for every reason to end', () => {
  const unfinished = conversation.slice(0, 4);
  for (const end of ['fin', 'reset', 'timeout', 'evicted', 'stopped'] as const) {
    assert.deepEqual(hear(cut(unfinished, [1]), { end }), hear(unfinished, { end }), end);
  }
});

test('a conversation that breaks off at any byte is cut-invariant too', () => {
  const first = conversation[3] as Step & { bytes: Uint8Array };
  for (let length = 1; length < first.bytes.length; length += 3) {
    const script = [...conversation.slice(0, 3), { ...first, bytes: first.bytes.subarray(0, length) }];
    assert.deepEqual(hear(cut(script, [1])).records, hear(script).records, `${length} bytes`);
  }
});

test('the other way round it is the same conversation', () => {
  assert.deepEqual(hear(swapped(conversation)).records, hear(conversation).records);
  assertCutInvariant(httpDecoder, swapped(conversation));
});

test('random bytes, changed bytes, lost pieces: nothing throws', () => assertSurvives(httpDecoder, conversation));

test('every request of a damaged conversation is recorded once at most', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(7), fc.nat(400), fc.integer({ min: 0, max: 255 })), { maxLength: 5 }), (changes) => {
      const script = conversation.map((step) => ('bytes' in step ? { ...step, bytes: Uint8Array.from(step.bytes) } : step));
      for (const [at, index, value] of changes) {
        const step = script[at];
        if (step !== undefined && 'bytes' in step && index < step.bytes.length) step.bytes[index] = value;
      }
      const heard = hear(script);
      const indexes = heard.records.map((record) => record.fields['http.request.index']).filter((index) => index !== undefined);
      assert.equal(new Set(indexes).size, indexes.length);
      assert.equal(heard.notes.get('http.request.count')?.[0] ?? 0, indexes.length);
      assert.deepEqual(hear(cut(script, [1, 7, 3])).records, heard.records);
    }),
    { numRuns: 300, seed: 4 },
  );
});

/** Requests /1 to /5, one after the other, answered with 201 to 205. */
function sequential(body: (number: number) => string): Step[] {
  const script: Step[] = [];
  for (let number = 1; number <= 5; number++) {
    const request = `POST /${number} HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody`;
    script.push({ direction: 0, bytes: Buffer.from(request), timeUs: number * 1000 });
    const status = number === 4 ? '200' : `20${number}`;
    script.push({ direction: 1, bytes: Buffer.from(`HTTP/1.1 ${status} S\r\n${body(number)}`), timeUs: number * 1000 + 500 });
  }
  return script;
}

const bodies = {
  counted: (number: number) => `Content-Length: ${10 * number}\r\n\r\n${'x'.repeat(10 * number)}`,
  chunked: () => 'Transfer-Encoding: chunked\r\n\r\n8\r\nabcdefgh\r\n0\r\n\r\n',
};

for (const [name, body] of Object.entries(bodies)) {
  test(`a hole anywhere in ${name} messages: what is paired is paired rightly, what lies after it is whole`, () => {
    const script = sequential(body);
    const whole = hear(script).records.map((record) => summaryOf(record.fields));
    assert.equal(whole.length, 5);
    for (let position = 0; position < script.length; position++) {
      const step = script[position] as Step & { bytes: Uint8Array };
      for (const length of [1, 3, 17, step.bytes.length]) {
        for (let at = 0; at + length <= step.bytes.length; at++) {
          const parts: Step[] = [];
          if (at > 0) parts.push({ ...step, bytes: step.bytes.subarray(0, at) });
          parts.push({ direction: step.direction, gap: length, timeUs: step.timeUs });
          if (at + length < step.bytes.length) parts.push({ ...step, bytes: step.bytes.subarray(at + length) });
          const holed = [...script.slice(0, position), ...parts, ...script.slice(position + 1)];
          const heard = hear(holed);
          const where = `step ${position}, ${length} bytes at ${at}`;
          for (const { fields } of heard.records) {
            const target = fields['url.original'];
            const status = fields['http.response.status_code'];
            if (target === undefined || status === undefined || (step.direction === 1 && at < 14)) continue;
            const expected = whole.find((text) => text.startsWith(`POST ${target} `));
            assert.ok(expected?.includes(` ${status} `), `${where}: ${summaryOf(fields)}`);
          }
          const after = whole.slice((position >> 1) + 1);
          const summaries = heard.records.map((record) => summaryOf(record.fields));
          assert.deepEqual(summaries.slice(summaries.length - after.length), after, where);
          assert.deepEqual(hear(cut(holed, [1])).records, heard.records, `${where}, cut`);
        }
      }
    }
  });
}

test('a hole that swallows several messages of the server', () => {
  const script = sequential(bodies.counted);
  const holed = script.filter((_, position) => position !== 3 && position !== 5);
  holed.splice(3, 0, { direction: 1, gap: 130, timeUs: 2500 });
  assert.deepEqual(summary(holed), [
    'POST /1 201 success',
    'POST /2 - truncated',
    'POST /3 - truncated',
    'POST /4 200 success',
    'POST /5 205 success',
  ]);
});

test('a hole that swallows several messages of the client', () => {
  const script = sequential(bodies.counted);
  const holed = script.filter((_, position) => position !== 2 && position !== 4);
  holed.splice(2, 0, { direction: 0, gap: 106, timeUs: 2000 });
  assert.deepEqual(summary(holed), [
    'POST /1 201 success',
    '- - 202 unsolicited',
    '- - 203 unsolicited',
    'POST /4 200 success',
    'POST /5 205 success',
  ]);
});
