import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dcerpcDecoder } from '../../../src/decoders/dcerpc/index.ts';
import { Verdict } from '../../../src/decoders/index.ts';
import { assertCutInvariant, assertSurvives, c2s, play, s2c, swapped } from '../decoder-kit.ts';
import { authenticateMessage, negotiateMessage } from '../ntlm/wire-messages.ts';
import { call, contexts, pdu, samr } from './pdus.ts';

const script = [
  c2s(pdu(11, contexts(samr, 'deadbeefcafebabe1234567890abcdef02000000'), negotiateMessage('DOM', 'PC'))),
  s2c(pdu(12, Buffer.alloc(40))),
  c2s(Buffer.concat([pdu(16, Buffer.alloc(4), authenticateMessage('DOM', 'Ivy', 'PC')), pdu(0, call(5))])),
  s2c(pdu(3, Buffer.alloc(8))),
];
const notes = (steps: typeof script): Record<string, unknown[]> => Object.fromEntries(play(dcerpcDecoder, steps).notes);

test('interfaces, calls and who calls', () => {
  const heard = play(dcerpcDecoder, script);
  const said = {
    'dcerpc.message_type': ['bind', 'bind-ack', 'auth3', 'request', 'fault'],
    'dcerpc.uuid': ['12345778-1234-abcd-ef00-0123456789ac', 'efbeadde-feca-beba-1234-567890abcdef'],
    ...{ 'dcerpc.interface': ['samr'], 'dcerpc.interface_version': ['1', '2'], 'dcerpc.operation_number': [5] },
    ...{ 'ntlm.type': [1, 3], 'ntlm.domain': ['DOM'], 'ntlm.host': ['PC'], 'ntlm.version': ['10.0.19041', '10.0.22621'] },
    'related.user': ['ivy'],
  };
  assert.deepEqual(Object.fromEntries(heard.notes), said);
  assert.deepEqual(heard.protocols, ['dcerpc', 'samr', 'ntlm']);
  assert.deepEqual(notes(swapped(script) as typeof script), said);
});

test('big endian', () => {
  const bind = pdu(14, contexts('123457781234abcdef000123456789ac00000001'), Buffer.alloc(0), false);
  assert.deepEqual(notes([c2s(bind)]), {
    'dcerpc.message_type': ['alter-context'],
    'dcerpc.uuid': ['12345778-1234-abcd-ef00-0123456789ac'],
    ...{ 'dcerpc.interface_version': ['1'], 'dcerpc.interface': ['samr'] },
  });
});

test('a fragment shorter than its header ends that direction', () => {
  const short = pdu(0, call(7));
  short.writeUInt16LE(15, 8);
  assert.deepEqual(notes([c2s(short), c2s(pdu(0, call(8))), s2c(pdu(2, Buffer.alloc(8)))]), {
    ...{ tags: ['dcerpc:bad-fraglen'], 'dcerpc.message_type': ['response'] },
  });
});

test('any cut gives the same notes', () => assertCutInvariant(dcerpcDecoder, script));
test('nothing on the wire throws', () => assertSurvives(dcerpcDecoder, script));

test('probing, also beside SOCKS 5', () => {
  const probe = (bytes: Buffer): number => dcerpcDecoder.probe(0, bytes, 0, bytes.length);
  const bind = pdu(11, contexts(samr));
  assert.deepEqual([probe(bind), probe(bind.subarray(0, 6))], [Verdict.certain, Verdict.needMore]);
  for (const hex of ['050100', '0500', '05020002', '0500140310000000', '0500000320000000', '05000b03100000000500']) {
    assert.equal(probe(Buffer.from(hex, 'hex')), Verdict.no, hex);
  }
});
