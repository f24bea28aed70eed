import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Verdict } from '../../../src/decoders/index.ts';
import { tlsDecoder } from '../../../src/decoders/tls/index.ts';
import { clientHello, message, record, serverHello, u16 } from './hello-bytes.ts';

function probe(bytes: Buffer): Verdict {
  return tlsDecoder.probe(0, Buffer.concat([Buffer.of(9, 9), bytes]), 2, 2 + bytes.length);
}

test('a hello in a record is certain from its sixth byte on', () => {
  for (const hello of [message(1, clientHello({})), message(2, serverHello({}))]) {
    const bytes = record(22, hello);
    for (let length = 0; length < 6; length++) assert.equal(probe(bytes.subarray(0, length)), Verdict.needMore, `${length}`);
    assert.equal(probe(bytes.subarray(0, 6)), Verdict.certain);
    assert.equal(probe(bytes), Verdict.certain);
  }
});

test('what only looks like it is not', () => {
  assert.equal(probe(Buffer.from('GET / HTTP/1.1\r\n')), Verdict.no);
  assert.equal(probe(Buffer.of(22, 2)), Verdict.no);
  assert.equal(probe(Buffer.of(22, 3, 5)), Verdict.no);
  assert.equal(probe(Buffer.of(22, 3, 1, 0xff, 0xff)), Verdict.no);
  assert.equal(probe(Buffer.of(22, 3, 1, 0, 0)), Verdict.no);
  assert.equal(probe(record(22, message(16, Buffer.alloc(3)))), Verdict.no);
  assert.equal(probe(record(23, Buffer.alloc(30))), Verdict.no);
  assert.equal(probe(record(21, Buffer.of(1, 0, 0))), Verdict.no);
  assert.equal(probe(record(21, Buffer.of(3, 0))), Verdict.no);
});

test('an alert may be TLS', () => {
  assert.equal(probe(record(21, Buffer.of(2, 40))), Verdict.maybe);
});

test('an SSL 2 hello counts when its lengths add up', () => {
  const hello = (version: number, specs: number): Buffer =>
    Buffer.concat([Buffer.of(0x80, 9 + 6 + 16, 1), u16(version), u16(specs), u16(0), u16(16), Buffer.alloc(22)]);
  assert.equal(probe(hello(0x0301, 6)), Verdict.certain);
  assert.equal(probe(hello(0x0002, 6)), Verdict.maybe);
  assert.equal(probe(hello(0x0301, 9)), Verdict.no);
  assert.equal(probe(hello(0x0666, 6)), Verdict.no);
  for (let length = 0; length < 11; length++) {
    assert.equal(probe(hello(0x0301, 6).subarray(0, length)), Verdict.needMore, `${length}`);
  }
});
