import assert from 'node:assert/strict';
import { test } from 'node:test';
import { c1222Decoder } from '../../../src/decoders/c1222/index.ts';
import { DONE, Verdict } from '../../../src/decoders/contract.ts';
import { assertCutInvariant, assertSurvives, c2s, play, s2c, swapped } from '../decoder-kit.ts';

const tlv = (tag: number, ...parts: (Buffer | string)[]): Buffer => {
  const body = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'hex') : part)));
  const length = body.length < 0x80 ? [body.length] : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
};
const information = (control: string, rest = Buffer.alloc(0)): Buffer =>
  tlv(0xbe, tlv(0x28, tlv(0x81, Buffer.from(control, 'hex'), rest)));
const request = tlv(
  0x60,
  tlv(0xa2, tlv(0x06, '2b06010401')),
  tlv(0xa6, tlv(0x80, '8756')),
  tlv(0xa8, tlv(0x02, '2c')),
  information('88', Buffer.alloc(400)),
);
const answer = tlv(
  0x60,
  tlv(0xa4, tlv(0x02, '2c')),
  tlv(0xa6, tlv(0x06, '6000')),
  tlv(0xa8, tlv(0x02, '010203')),
  information('06'),
);
const script = [c2s(Buffer.concat([request, request])), s2c(answer)];

test('titles, invocations, security, in any cut and from either side', () => {
  assert.deepEqual(Object.fromEntries(play(c1222Decoder, script).notes), {
    'c1222.called_ap_title': ['1.3.6.1.4.1'],
    'c1222.calling_ap_title': ['2.16.124.113620.1.22.0.982', '2.16.0'],
    'c1222.calling_ap_invocation_id': [44, 66_051],
    'c1222.called_ap_invocation_id': [44],
    'c1222.security_mode': ['ciphertext-with-auth', 'cleartext-with-auth'],
    'c1222.response_control': ['always', 'never'],
  });
  assert.equal(play(c1222Decoder, swapped(script)).notes.size, 6);
  assertCutInvariant(c1222Decoder, script);
  assertSurvives(c1222Decoder, script, {}, 150);
});

test('what is no message ends it; long ones are read in part', () => {
  assert.equal(play(c1222Decoder, [c2s(answer), c2s('\x61\x00')]).finalVerdict, DONE);
  const long = tlv(0x60, tlv(0xa8, tlv(0x02, '07')), tlv(0xac, Buffer.alloc(9000)), tlv(0xa8, tlv(0x02, '08')));
  const heard = play(c1222Decoder, [c2s(long), c2s(answer)], { options: { max_message_bytes: 256 } });
  assert.deepEqual(heard.notes.get('c1222.calling_ap_invocation_id'), [7, 66_051]);
});

test('probing: GSS-API tokens and other associations are left alone', () => {
  const probe = (bytes: Buffer): Verdict => c1222Decoder.probe(0, bytes, 0, bytes.length);
  assert.equal(probe(request), Verdict.certain);
  assert.equal(probe(answer), Verdict.certain);
  assert.equal(probe(request.subarray(0, 5)), Verdict.needMore);
  assert.equal(probe(tlv(0x60, tlv(0x06, '2b0601050502'))), Verdict.no);
  assert.equal(probe(tlv(0x60, tlv(0xa1, tlv(0x06, '2b06')))), Verdict.no);
});
