import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DONE, HANDOVER, Verdict } from '../../../src/decoders/index.ts';
import { postgresqlDecoder } from '../../../src/decoders/postgresql/index.ts';
import { assertCutInvariant, assertSurvives, c2s, play, s2c } from '../decoder-kit.ts';

function start(code: number, rest = ''): Buffer {
  const bytes = Buffer.alloc(8 + rest.length);
  bytes.writeUInt32BE(bytes.length);
  bytes.writeUInt32BE(code, 4);
  bytes.write(rest, 8, 'latin1');
  return bytes;
}
const version3 = 0x30000;
const parameters = 'user\0Foo\0database\0Bar\0client_encoding\0UTF8\0application_name\0psql\0\0';
const tlsRequest = start(80877103);
const script = [c2s(tlsRequest), s2c('N'), c2s(start(version3, parameters)), s2c('R\0\0\0\x08\0\0\0\0')];

test('the parameters of the start-up message', () => {
  const heard = play(postgresqlDecoder, script);
  assert.deepEqual(Object.fromEntries(heard.notes), {
    ...{ 'postgresql.user': ['Foo'], 'postgresql.database': ['Bar'], 'postgresql.application': ['psql'] },
  });
  assert.equal(heard.finalVerdict, DONE);
});

test('encryption and cancelling', () => {
  const agreed = play(postgresqlDecoder, [c2s(tlsRequest), s2c('S'), c2s('\x16\x03\x01')]);
  assert.equal(agreed.finalVerdict, HANDOVER);
  assert.equal(agreed.handedOver[0].toString('latin1'), '\x16\x03\x01');
  assert.equal(play(postgresqlDecoder, [c2s(start(80877104)), s2c('G')]).finalVerdict, DONE);
  assert.equal(play(postgresqlDecoder, [c2s(start(80877102, 'pid key.'))]).notes.size, 0);
});

test('any cut gives the same notes', () => assertCutInvariant(postgresqlDecoder, script));
test('nothing on the wire throws', () => assertSurvives(postgresqlDecoder, script));

test('probing waits for the whole message', () => {
  const probe = (bytes: Buffer): number => postgresqlDecoder.probe(0, bytes, 0, bytes.length);
  const message = start(version3, parameters);
  assert.equal(probe(message), Verdict.certain);
  assert.equal(probe(message.subarray(0, 40)), Verdict.needMore);
  assert.equal(probe(tlsRequest), Verdict.certain);
  assert.equal(probe(start(version3, parameters.slice(0, -2))), Verdict.no);
  assert.equal(probe(start(0x40000, parameters)), Verdict.no);
  assert.equal(probe(start(version3, `${'a'.repeat(20)}\0`.repeat(40))), Verdict.certain);
});
