import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Verdict } from '../../../src/decoders/index.ts';
import { tdsDecoder } from '../../../src/decoders/tds/index.ts';
import { assertCutInvariant, assertSurvives, c2s, play, s2c, swapped } from '../decoder-kit.ts';
import { authenticateMessage, challengeMessage, initialToken, negotiateMessage, responseToken } from '../ntlm/wire-messages.ts';

function packet(type: number, payload: Uint8Array): Buffer {
  const head = Buffer.from([type, 1, 0, 0, 0, 0, 1, 0]);
  head.writeUInt16BE(8 + payload.length, 2);
  return Buffer.concat([head, payload]);
}

function login7(user: string, sspi: Buffer): Buffer {
  const name = Buffer.from(user, 'utf16le');
  const fixed = Buffer.alloc(94);
  fixed.writeUInt32LE(94 + name.length + sspi.length);
  fixed.writeUInt32LE(0x74000004, 4);
  fixed.writeUInt16LE(94, 40);
  fixed.writeUInt16LE(user.length, 42);
  fixed.writeUInt16LE(94 + name.length, 78);
  fixed.writeUInt16LE(sspi.length, 80);
  return packet(0x10, Buffer.concat([fixed, name, sspi]));
}

function login5(user: string): Buffer {
  const record = Buffer.alloc(504);
  record.write('workstation');
  record.write(user, 31);
  record[61] = user.length;
  return packet(0x02, record);
}

const preLogin = packet(0x12, Buffer.from('00000b00060100110001ff0f000000000000', 'hex'));
const sspiToken = (message: Buffer): Buffer => Buffer.concat([Buffer.from([0xed, message.length, 0]), message]);
const script = [
  c2s(preLogin),
  s2c(packet(0x04, Buffer.from('00000b00060100110001ff0f000000000000', 'hex'))),
  c2s(login7('Ünal', negotiateMessage('DOM', 'PC'))),
  s2c(packet(0x04, sspiToken(challengeMessage('SQL')))),
  c2s(packet(0x11, authenticateMessage('DOM', 'Mona', 'PC'))),
  c2s(packet(0x01, Buffer.alloc(9000))),
];

const notes = (steps: typeof script): Record<string, unknown[]> => Object.fromEntries(play(tdsDecoder, steps).notes);

test('names in LOGIN7 and in the tokens of NTLM', () => {
  const said = {
    'related.user': ['ünal', 'mona'],
    'ntlm.type': [1, 2, 3],
    ...{ 'ntlm.domain': ['DOM'], 'ntlm.host': ['PC'], 'ntlm.version': ['10.0.19041', '6.3.9600', '10.0.22621'] },
    'ntlm.target_name': ['SQL'],
  };
  assert.deepEqual(notes(script), said);
  assert.deepEqual(notes(swapped(script) as typeof script), said);
});

test('SSPI may negotiate', () => {
  const steps = [
    c2s(login7('', initialToken(negotiateMessage('DOM', 'PC')))),
    s2c(packet(0x04, sspiToken(responseToken(challengeMessage('SQL'))))),
    c2s(packet(0x11, responseToken(authenticateMessage('DOM', 'Mona', 'PC')))),
  ];
  assert.deepEqual([notes(steps)['ntlm.type'], notes(steps)['related.user']], [[1, 2, 3], ['mona']]);
});

test('the login of TDS 5', () => {
  assert.deepEqual(notes([c2s(login5('SA'))]), { 'related.user': ['sa'] });
  const broken = login5('SA');
  broken[69] = 31;
  assert.deepEqual([...play(tdsDecoder, [c2s(broken)]).anomalies.keys()], ['tds.bad_login']);
});

test('any cut gives the same notes', () => assertCutInvariant(tdsDecoder, script));
test('nothing on the wire throws', () => assertSurvives(tdsDecoder, script));

test('what a login looks like', () => {
  const probe = (bytes: Buffer): number => tdsDecoder.probe(0, bytes, 0, bytes.length);
  for (const bytes of [preLogin, login7('a', Buffer.alloc(0)), login5('a')]) {
    assert.equal(probe(bytes), Verdict.certain);
    assert.equal(probe(bytes.subarray(0, 5)), Verdict.needMore);
  }
  assert.equal(probe(packet(0x10, Buffer.alloc(94))), Verdict.no);
  assert.equal(probe(packet(0x12, Buffer.alloc(94))), Verdict.no);
  assert.equal(probe(packet(0x04, Buffer.alloc(4))), Verdict.faint);
});
