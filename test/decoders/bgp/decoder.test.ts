import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bgpDecoder } from '../../../src/decoders/bgp/index.ts';
import { DONE, Verdict } from '../../../src/decoders/contract.ts';
import { assertCutInvariant, assertSurvives, c2s, play, s2c, swapped } from '../decoder-kit.ts';

const message = (type: number, body = ''): Buffer => {
  const bytes = Buffer.concat([Buffer.alloc(18, 0xff), Buffer.from([type]), Buffer.from(body)]);
  bytes.writeUInt16BE(bytes.length, 16);
  return bytes;
};
const script = [
  c2s(message(1, 'x'.repeat(26))),
  s2c(Buffer.concat([message(1, 'y'.repeat(10)), message(4)])),
  c2s(Buffer.concat([message(4), message(2, 'z'.repeat(300)), message(5, '1234'), message(9)])),
  s2c(message(3, 'bye')),
];

test('types of messages, in any cut and from either side', () => {
  const types = ['OPEN', 'KEEPALIVE', 'UPDATE', 'ROUTE-REFRESH', 'NOTIFICATION'];
  assert.deepEqual(play(bgpDecoder, script).notes.get('bgp.type'), types);
  assert.deepEqual(play(bgpDecoder, swapped(script)).notes.get('bgp.type'), types);
  assertCutInvariant(bgpDecoder, script);
  assertSurvives(bgpDecoder, script);
});

test('what is no message ends it', () => {
  const heard = play(bgpDecoder, [c2s(Buffer.concat([message(4), Buffer.alloc(16, 0xff)])), c2s(Buffer.alloc(3))]);
  assert.equal(heard.finalVerdict, DONE);
  assert.equal(heard.anomalies.get('bgp.bad_header'), 1);
});

test('probing', () => {
  const probe = (bytes: Buffer): Verdict => bgpDecoder.probe(0, bytes, 0, bytes.length);
  assert.equal(probe(message(1)), Verdict.certain);
  assert.equal(probe(message(1).subarray(0, 18)), Verdict.needMore);
  assert.equal(probe(message(9)), Verdict.no);
  assert.equal(probe(Buffer.from('fffe', 'hex')), Verdict.no);
});
