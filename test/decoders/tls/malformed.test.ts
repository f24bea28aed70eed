import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Direction } from '../../../src/decoders/index.ts';
import { tlsDecoder } from '../../../src/decoders/tls/index.ts';
import { MessageBuffer } from '../../../src/decoders/tls-handshake/message-buffer.ts';
import { assertSurvives, c2s, cut, play, type Step, s2c } from '../decoder-kit.ts';
import { clientHello, extension, message, record, serverHello, serverName, u16 } from './hello-bytes.ts';
import { recordHandshake } from './recorded-handshake.ts';

function outcomeOf(script: readonly Step[]): unknown {
  const { records, anomalies, notes, finalVerdict } = play(tlsDecoder, script, { options: { max_handshake_bytes: 4096 } });
  return { records, finalVerdict, anomalies: [...anomalies], notes: [...notes] };
}

/** Bytes that are well-formed on the outside: records of any type with messages of any type. */
const anyRecord = fc
  .tuple(
    fc.constantFrom(20, 21, 22, 22, 22, 23, 24, 99),
    fc.constantFrom(1, 2, 4, 11, 12, 14, 16, 20, 22, 200),
    fc.uint8Array({ maxLength: 120 }),
    fc.boolean(),
    fc.boolean(),
  )
  .map(([type, messageType, body, hasHello, isServer]) => {
    const hello = isServer ? message(2, serverHello({})) : message(1, clientHello({ extensions: [serverName('x.test')] }));
    const parts = hasHello ? hello : message(messageType, Buffer.from(body));
    return record(type, type === 22 ? parts : Buffer.from(body));
  });

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.constantFrom<Direction>(0, 1), fc.array(anyRecord, { minLength: 1, maxLength: 4 }))
      .map(([direction, records]) => ({ direction, bytes: Buffer.concat(records), timeUs: 0 })),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom<Direction>(0, 1), fc.nat(300)).map(([direction, gap]) => ({ direction, gap, timeUs: 0 })),
  },
);

test('any sequence of records and losses gives the same whatever the segments', () => {
  fc.assert(
    fc.property(
      fc.array(anyStep, { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }),
      (script, sizes) => {
        const timed = script.map((step, index) => ({ ...step, timeUs: index * 10 }));
        const whole = outcomeOf(timed);
        assert.deepEqual(outcomeOf(cut(timed, [1])), whole);
        assert.deepEqual(outcomeOf(cut(timed, sizes)), whole);
      },
    ),
    { numRuns: 600, seed: 6 },
  );
});

test('a real handshake with bytes changed gives the same whatever the segments, and at most one record', async () => {
  const { script } = await recordHandshake({ maxVersion: 'TLSv1.2' });
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(100_000), fc.nat(255)), { minLength: 1, maxLength: 3 }), (changes) => {
      const steps = script.map((step) => ('bytes' in step ? { ...step, bytes: Uint8Array.from(step.bytes) } : step));
      for (const [at, value] of changes) {
        const step = steps[at % steps.length];
        if (step !== undefined && 'bytes' in step) step.bytes[at % step.bytes.length] = value;
      }
      const whole = outcomeOf(steps) as { records: unknown[] };
      assert.ok(whole.records.length <= 1);
      assert.deepEqual(outcomeOf(cut(steps, [1])), whole);
    }),
    { numRuns: 200, seed: 7 },
  );
});

test('the SSL 2 form survives changes too', () => {
  const specs = Buffer.of(0, 0, 0x2f, 1, 0, 0x80);
  const hello = Buffer.concat([Buffer.of(1), u16(0x0002), u16(specs.length), u16(0), u16(16), specs, Buffer.alloc(16)]);
  const answer = Buffer.concat([Buffer.of(4, 0, 1), u16(2), u16(4), u16(3), u16(2), Buffer.alloc(9, 1)]);
  const framed = (body: Buffer): Buffer => Buffer.concat([u16(0x8000 | body.length), body]);
  const script = [c2s(framed(hello)), s2c(framed(answer))];
  const { records, anomalies } = play(tlsDecoder, script);
  assert.equal(records[0]?.fields['tls.version'], '2.0');
  assert.equal(records[0]?.fields['tls.version_protocol'], 'ssl');
  assert.equal(records[0]?.fields['tls.cipher'], undefined);
  assert.deepEqual([...anomalies.keys()], ['tls.bad_certificate']);
  assertSurvives(tlsDecoder, script);
});

test('a hello whose lengths lie has no fingerprint', () => {
  const whole = clientHello({ extensions: [serverName('a.test'), extension(21, Buffer.alloc(9))] });
  const lying = Buffer.concat([whole.subarray(0, -10), Buffer.of(99), whole.subarray(-9)]);
  const { records, anomalies } = play(tlsDecoder, [c2s(record(22, message(1, lying)))]);
  assert.deepEqual([...anomalies.keys()], ['tls.bad_hello']);
  assert.equal(records[0]?.fields['tls.client.server_name'], 'a.test');
  assert.equal(records[0]?.fields['tls.client.ja3'], undefined);
  assert.equal(records[0]?.fields['tls.client.ja4'], undefined);
});

test('a message buffer grows with what came and keeps it', () => {
  const buffer = new MessageBuffer();
  const chunk = Buffer.from(Array.from({ length: 1000 }, (_, index) => index & 255));
  for (let turn = 0; turn < 20; turn++) buffer.append(chunk, 0, chunk.length);
  assert.equal(buffer.length, 20_000);
  assert.equal(buffer.bytes.length, 32_768);
  for (let turn = 0; turn < 20; turn++) {
    assert.equal(buffer.bytes.compare(chunk, 0, 1000, turn * 1000, turn * 1000 + 1000), 0);
  }
  const first = buffer.bytes;
  buffer.release();
  assert.equal(buffer.bytes.length, 0);
  const other = new MessageBuffer();
  other.append(Buffer.alloc(20_000), 0, 20_000);
  assert.equal(other.bytes, first);
});
