import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DONE, Verdict } from '../../../src/decoders/index.ts';
import { rpcDecoder } from '../../../src/decoders/rpc/index.ts';
import { assertCutInvariant, assertSurvives, c2s, cut, play, s2c, swapped } from '../decoder-kit.ts';

function call(program: number, type = 0): Buffer {
  const bytes = Buffer.alloc(44);
  [0x80001234, type, 2, program, 3, 1].forEach((word, index) => {
    bytes.writeUInt32BE(word, 4 * index);
  });
  return bytes;
}
const marked = (message: Buffer): Buffer => Buffer.concat([Buffer.from([0x80, 0, 0, message.length]), message]);
const script = [c2s(marked(call(100_003))), s2c(marked(call(0, 1)))];

test('programs over TCP and UDP', () => {
  const heard = play(rpcDecoder, script);
  assert.deepEqual([heard.protocols, heard.finalVerdict], [['nfs'], DONE]);
  assert.deepEqual(play(rpcDecoder, cut(script, [1])).protocols, ['nfs']);
  assert.deepEqual(play(rpcDecoder, swapped(script)).protocols, ['nfs']);
  const datagrams = [c2s(call(100_000)), s2c(call(0, 1)), c2s(call(100_005)), c2s(call(300_000))];
  assert.deepEqual(play(rpcDecoder, datagrams, { transport: 'udp' }).protocols, ['portmap', 'mount']);
});

test('any cut gives the same', () => assertCutInvariant(rpcDecoder, script));
test('nothing on the wire throws', () => {
  assertSurvives(rpcDecoder, script);
  assertSurvives(rpcDecoder, [c2s(call(100_000))], { transport: 'udp' });
});

test('probing', () => {
  const probe = (bytes: Buffer): number => rpcDecoder.probe(0, bytes, 0, bytes.length);
  assert.equal(probe(call(100_005)), Verdict.certain);
  assert.equal(probe(marked(call(100_003))), Verdict.certain);
  assert.equal(probe(marked(call(100_003)).subarray(0, 12)), Verdict.needMore);
  assert.equal(probe(call(100_003, 1)), Verdict.no);
  assert.equal(probe(marked(call(300_000))), Verdict.no);
  assert.equal(probe(Buffer.from('GET / HTTP/1.1\r\n')), Verdict.no);
});
