import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DONE, Verdict } from '../../../src/decoders/contract.ts';
import { opcuaDecoder } from '../../../src/decoders/opcua/index.ts';
import { assertCutInvariant, assertSurvives, c2s, play, s2c, swapped } from '../decoder-kit.ts';
import { rsaCertificate, serverCertificate } from '../tls/test-certificates.ts';

const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const string = (value: string | Buffer): Buffer => Buffer.concat([u32(Buffer.from(value).length), Buffer.from(value)]);
const none = u32(0xffff_ffff);
const message = (type: string, ...parts: Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from(type), u32(8 + body.length), body]);
};
const der = (pem: string): Buffer => Buffer.from(pem.replaceAll(/-----[^-]+-----/g, ''), 'base64');
const policy = 'http://opcfoundation.org/UA/SecurityPolicy#Basic256';
const script = [
  c2s(message('HELF', Buffer.alloc(20), string('opc.tcp://server:4840/a'))),
  s2c(message('ACKF', Buffer.alloc(20))),
  c2s(message('OPNF', u32(0), string(policy), string(Buffer.concat([der(serverCertificate), der(rsaCertificate)])), none)),
  s2c(Buffer.concat([message('MSGC', Buffer.alloc(300)), message('OPNF', u32(7), string(policy), none, none)])),
  c2s(message('MSGF', Buffer.alloc(30))),
];

test('endpoints, policies, certificates, in any cut and from either side', () => {
  const heard = play(opcuaDecoder, script);
  assert.deepEqual(heard.notes.get('opcua.endpoint_url'), ['opc.tcp://server:4840/a']);
  assert.deepEqual(heard.notes.get('opcua.security_policy_uri'), [policy]);
  assert.equal(heard.notes.get('arkime.cert')?.length, 1);
  assert.equal(heard.finalVerdict, DONE);
  assert.equal(play(opcuaDecoder, swapped(script)).notes.size, heard.notes.size);
  assertCutInvariant(opcuaDecoder, script);
  assertSurvives(opcuaDecoder, script, {}, 100);
});

test('reverse hellos; lengths that lie', () => {
  const reverse = play(opcuaDecoder, [s2c(message('RHEF', string('urn:server'), string('opc.tcp://x')))]);
  assert.deepEqual(reverse.notes.get('opcua.endpoint_url'), ['opc.tcp://x']);
  const lying = play(opcuaDecoder, [
    c2s(message('HELF', Buffer.alloc(20), u32(500), Buffer.from('opc'))),
    c2s(message('OPNF', u32(0), u32(0x7fff_ffff))),
  ]);
  assert.equal(lying.notes.size, 0);
  assert.equal(play(opcuaDecoder, [c2s('HELX\x08\0\0\0')]).finalVerdict, DONE);
});

test('probing', () => {
  const probe = (bytes: Buffer): Verdict => opcuaDecoder.probe(0, bytes, 0, bytes.length);
  assert.equal(probe(message('HELF')), Verdict.certain);
  assert.equal(probe(message('MSGF')), Verdict.maybe);
  assert.equal(probe(Buffer.from('HELF')), Verdict.needMore);
  assert.equal(probe(Buffer.from('HE')), Verdict.needMore);
  assert.equal(probe(Buffer.from('HELO mail.example')), Verdict.no);
  assert.equal(probe(Buffer.from('HELF\x07\0\0\0')), Verdict.no);
});
