import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Verdict } from '../../../src/decoders/index.ts';
import { krb5Decoder } from '../../../src/decoders/krb5/index.ts';
import { integer, item } from '../ber-items.ts';
import { assertCutInvariant, assertSurvives, c2s, play, s2c, swapped } from '../decoder-kit.ts';

const text = (value: string): Buffer => item(0x1b, value);
const name = (...parts: string[]): Buffer => item(0x30, item(0xa0, integer(1)), item(0xa1, item(0x30, ...parts.map(text))));
const body = item(
  0x30,
  item(0xa0, item(3, Buffer.alloc(5))),
  item(0xa1, name('Alice')),
  item(0xa2, text('EXAMPLE.COM')),
  item(0xa3, name('krbtgt', 'EXAMPLE.COM')),
  item(0xa8, item(0x30, integer(18), integer(23), item(2, Buffer.from([0xff, 0x7b])), integer(99))),
);
const request = item(0x6a, item(0x30, item(0xa1, integer(5)), item(0xa2, integer(10)), item(0xa4, body)));
const ticket = item(
  0x61,
  item(0x30, item(0xa0, integer(5)), item(0xa1, text('OTHER')), item(0xa2, name('http', 'www')), item(0xa3, item(0x30))),
);
const reply = item(
  0x6d,
  item(
    0x30,
    ...[item(0xa0, integer(5)), item(0xa1, integer(13)), item(0xa3, text('EXAMPLE.COM')), item(0xa4, name('bob'))],
    item(0xa5, ticket),
  ),
);
const failure = (code: number): Buffer =>
  item(
    0x7e,
    item(
      0x30,
      item(0xa0, integer(5)),
      item(0xa1, integer(30)),
      item(0xa6, integer(code)),
      item(0xa9, text('R')),
      item(0xaa, name('s')),
    ),
  );
const framed = (message: Buffer): Buffer =>
  Buffer.concat([Buffer.from([0, 0, message.length >> 8, message.length & 255]), message]);

const script = [c2s(framed(request)), s2c(framed(failure(6))), s2c(Buffer.concat([framed(reply), framed(failure(77))]))];
const said = {
  'krb5.client_name': ['Alice', 'bob'],
  'krb5.realm': ['EXAMPLE.COM', 'R'],
  'krb5.service_name': ['krbtgt/EXAMPLE.COM', 's', 'http/www'],
  'krb5.encryption_type': ['aes256-cts-hmac-sha1-96', 'rc4-hmac'],
  'krb5.error': ['KDC_ERR_C_PRINCIPAL_UNKNOWN', 'KDC_ERR_INCONSISTENT_KEY_PURPOSE'],
};

test('requests, replies and errors over TCP and UDP', () => {
  const heard = play(krb5Decoder, script);
  assert.deepEqual(Object.fromEntries(heard.notes), said);
  assert.deepEqual(heard.protocols, ['krb5']);
  assert.deepEqual(Object.fromEntries(play(krb5Decoder, swapped(script)).notes), said);
  const datagrams = [c2s(request), s2c(failure(6)), s2c(reply), s2c(failure(77))];
  assert.deepEqual(Object.fromEntries(play(krb5Decoder, datagrams, { transport: 'udp' }).notes), said);
});

test('a length that is too long ends that direction', () => {
  const steps = [c2s(framed(request)), c2s('\x00\x01\x01\x00'), c2s(framed(failure(7)))];
  const heard = play(krb5Decoder, steps);
  assert.deepEqual(heard.notes.get('tags'), ['krb5:record-too-long']);
  assert.equal(heard.notes.get('krb5.error'), undefined);
});

test('a message over TCP without its length is not one', () => {
  const heard = play(krb5Decoder, [c2s(request)]);
  assert.deepEqual([heard.protocols, heard.notes.size], [[], 0]);
});

test('any cut gives the same notes', () => assertCutInvariant(krb5Decoder, script));
test('nothing on the wire throws', () => {
  assertSurvives(krb5Decoder, script);
  assertSurvives(krb5Decoder, [c2s(request), s2c(reply)], { transport: 'udp' });
});

test('probing', () => {
  const probe = (bytes: Buffer): number => krb5Decoder.probe(0, bytes, 0, bytes.length);
  for (const message of [request, reply, failure(1)]) {
    assert.equal(probe(message), Verdict.certain);
    assert.equal(probe(framed(message)), Verdict.certain);
    assert.equal(probe(framed(message).subarray(0, 12)), Verdict.needMore);
    assert.equal(probe(message.subarray(0, message.length - 1)), Verdict.no);
  }
  assert.equal(probe(Buffer.from('SELECT')), Verdict.no);
  assert.equal(
    probe(framed(item(0x6a, item(0x30, item(0xa1, integer(4)), item(0xa2, integer(10)), item(0xa4, body))))),
    Verdict.no,
  );
});
