// Frames of WebSocket: their counts, samples and close codes; any cut, damage, hostile lengths; and that HTTP hands over to it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DONE } from '../../../src/decoders/contract.ts';
import { webSocketDecoder } from '../../../src/decoders/websocket/index.ts';
import { assertCutInvariant, assertSurvives, c2s, type PlayOptions, play, type Step, s2c } from '../decoder-kit.ts';

function frame(first: number, payload: string | Buffer, mask?: readonly number[]): Buffer {
  const body = Buffer.from(payload);
  const size = body.length < 126 ? body.length : body.length < 65536 ? 126 : 127;
  const head = [first, size | (mask === undefined ? 0 : 0x80)];
  if (size === 126) head.push(body.length >> 8, body.length & 0xff);
  if (size === 127) head.push(0, 0, 0, 0, 0, body.length >> 16, (body.length >> 8) & 0xff, body.length & 0xff);
  if (mask !== undefined) {
    head.push(...mask);
    body.forEach((byte, index) => {
      body[index] = byte ^ (mask[index & 3] as number);
    });
  }
  return Buffer.concat([Buffer.from(head), body]);
}

const mask = [0x11, 0xf2, 0x33, 0x44];
const talk: Step[] = [
  c2s(
    Buffer.concat([frame(0x81, 'hello', mask), frame(0x01, 'first ', mask), frame(0x89, '', mask), frame(0x80, 'second', mask)]),
    1,
  ),
  s2c(Buffer.concat([frame(0x82, Buffer.alloc(300)), frame(0xc1, 'deflated'), frame(0x81, 'gr\u00fc\u00df')]), 2),
  s2c(frame(0x88, Buffer.from('\x03\xe8bye', 'latin1')), 3),
];

function notes(script: readonly Step[], options: PlayOptions = {}): Record<string, unknown> {
  return Object.fromEntries([...play(webSocketDecoder, script, options).notes].map(([name, values]) => [name.slice(10), values]));
}

test('frames are counted, the first texts and the end are told', () => {
  assert.deepEqual(notes(talk), {
    opcode: ['Text', 'Ping', 'Binary', 'Close'],
    frame_count: [8],
    payload_bytes: [5 + 6 + 6 + 300 + 8 + 6 + 5],
    masked_from_client: [4],
    text_sample: ['hello', 'first ', 'second', 'gr\u00fc\u00df'],
    close_code: [1000],
    close_reason: ['bye'],
  });
});

test('samples are bounded in number and length, never inside a character', () => {
  const options = { options: { max_text_samples: 2, max_sample_bytes: 4 } };
  const said = notes([s2c(Buffer.concat([frame(0x81, 'abc\u00fcd'), frame(0x81, 'longer'), frame(0x81, 'third')]))], options);
  assert.deepEqual(said.text_sample, ['abc', 'long']);
});

test('any cut gives the same, and nothing throws', () => {
  assertCutInvariant(webSocketDecoder, talk);
  assertSurvives(webSocketDecoder, talk);
});

test('holes inside payloads are passed, others end it', () => {
  const long = frame(0x82, Buffer.alloc(400));
  const more = s2c(frame(0x81, 'after'), 3);
  const inside = notes([s2c(long.subarray(0, 100), 1), { direction: 1, gap: long.length - 100, timeUs: 2 }, more]);
  assert.deepEqual([inside.frame_count, inside.text_sample], [[2], ['after']]);
  const across = notes([s2c(long.subarray(0, 100), 1), { direction: 1, gap: long.length, timeUs: 2 }, more]);
  assert.deepEqual(across.frame_count, [1]);
});

test('what is no frame ends it', () => {
  for (const bytes of [
    [0x83, 0],
    [0x89, 126, 0, 200],
    [0x09, 0],
    [0x82, 127, 0xff, 0, 0, 0, 0, 0, 0, 0],
  ]) {
    const heard = play(webSocketDecoder, [s2c(Buffer.from(bytes))]);
    assert.deepEqual([heard.finalVerdict, [...heard.anomalies.keys()]], [DONE, ['websocket.bad_frame']], String(bytes));
  }
  const unmasked = play(webSocketDecoder, [c2s(frame(0x81, 'x')), s2c(frame(0x81, 'x', mask))]);
  assert.deepEqual([...unmasked.anomalies.keys()], ['websocket.unmasked_client', 'websocket.masked_server']);
});
