import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Verdict } from '../../../src/decoders/contract.ts';
import { DONE } from '../../../src/decoders/index.ts';
import { vncDecoder } from '../../../src/decoders/vnc/index.ts';
import { assertCutInvariant, assertSurvives, c2s, play, s2c, swapped } from '../decoder-kit.ts';

const script = [s2c('RFB 003.008\n\x02\x01\x02'), c2s('RFB 003.007\n\x01')];
const versions = { 'vnc.server_version': ['003.008'], 'vnc.client_version': ['003.007'] };

test('both versions, whichever side is taken for the client', () => {
  for (const steps of [script, swapped(script)]) {
    const heard = play(vncDecoder, steps);
    assert.deepEqual(Object.fromEntries(heard.notes), versions);
    assert.equal(heard.finalVerdict, DONE);
  }
  assertCutInvariant(vncDecoder, script);
  assertSurvives(vncDecoder, script);
});

test('probing', () => {
  const probe = (text: string): number => vncDecoder.probe(1, Buffer.from(text), 0, text.length);
  assert.equal(probe('RFB 003.889\n'), Verdict.certain);
  assert.equal(probe('RFB 00'), Verdict.needMore);
  assert.equal(probe('RFB 3.8'), Verdict.no);
  assert.equal(probe('RFC 003.008\n'), Verdict.no);
});
