import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HANDOVER, Verdict } from '../../../src/decoders/index.ts';
import { ldapDecoder } from '../../../src/decoders/ldap/index.ts';
import { integer, item } from '../ber-items.ts';
import { assertCutInvariant, assertSurvives, c2s, play, s2c, swapped } from '../decoder-kit.ts';
import { authenticateMessage, challengeMessage, initialToken, negotiateMessage, responseToken } from '../ntlm/wire-messages.ts';

const message = (operation: Buffer): Buffer => item(0x30, integer(1), operation);
const bind = (name: string, authentication: Buffer): Buffer => message(item(0x60, integer(3), item(4, name), authentication));
const bound = (matched: Uint8Array | string, ...more: Buffer[]): Buffer =>
  message(item(0x61, item(10, '\0'), item(4, matched), item(4, ''), ...more));

const simple = bind('cn=admin,dc=example', item(0x80, 'secret'));
const script = [
  c2s(simple),
  s2c(bound('')),
  c2s(bind('cn=anyone', item(0x80))),
  c2s(message(item(0x63, item(4, 'x'.repeat(300))))),
  s2c(message(item(0x64, 'y'.repeat(30_000)))),
  c2s(bind('', item(0x8a, negotiateMessage('DOM', 'PC')))),
  s2c(bound(challengeMessage('TARGET'))),
  c2s(bind('', item(0x8b, authenticateMessage('DOM', 'Frank', 'PC')))),
];
const notes = (steps: typeof script): Record<string, unknown[]> => Object.fromEntries(play(ldapDecoder, steps).notes);

test('binds: simple, anonymous, and the three steps of Sicily', () => {
  const said = {
    'ldap.bind_name': ['cn=admin,dc=example', 'cn=anyone', '<ROOT>'],
    'ldap.auth_type': ['simple', 'none', 'ntlmsspNegotiate', 'ntlmsspAuth'],
    ...{ 'ntlm.type': [1, 2, 3], 'ntlm.domain': ['DOM'], 'ntlm.host': ['PC'], 'ntlm.target_name': ['TARGET'] },
    ...{ 'ntlm.version': ['10.0.19041', '6.3.9600', '10.0.22621'], 'related.user': ['frank'] },
  };
  assert.deepEqual(notes(script), said);
  assert.deepEqual(notes(swapped(script) as typeof script), said);
});

test('SASL carries NTLM in both directions', () => {
  const sasl = bind('', item(0xa3, item(4, 'NTLM'), item(4, negotiateMessage('DOM', 'PC'))));
  const heard = notes([c2s(sasl), s2c(bound('', item(0x87, challengeMessage('TARGET'))))]);
  assert.deepEqual(heard['ldap.auth_type'], ['sasl']);
  assert.deepEqual(heard['ntlm.type'], [1, 2]);
});

test('SASL carries SPNEGO, and NTLM in it', () => {
  const sasl = (token: Buffer) => c2s(bind('', item(0xa3, item(4, 'GSS-SPNEGO'), item(4, token))));
  const heard = notes([
    sasl(initialToken(negotiateMessage('DOM', 'PC'))),
    s2c(bound('', item(0x87, responseToken(challengeMessage('TARGET'))))),
    sasl(responseToken(authenticateMessage('DOM', 'Frank', 'PC'))),
  ]);
  assert.deepEqual([heard['ntlm.type'], heard['ntlm.target_name'], heard['related.user']], [[1, 2, 3], ['TARGET'], ['frank']]);
});

test('a bind that the stream ends in is read as far as it came', () => {
  assert.deepEqual(notes([c2s(simple.subarray(0, simple.length - 7))]), { 'ldap.bind_name': ['cn=admin,dc=example'] });
});

test('behind StartTLS comes TLS', () => {
  const steps = [
    c2s(message(item(0x77, item(0x80, '1.3.6.1.4.1.1466.20037')))),
    s2c(Buffer.concat([message(item(0x78, item(10, '\0'), item(4, ''), item(4, ''))), Buffer.from('\x16\x03')])),
  ];
  const heard = play(ldapDecoder, steps);
  assert.equal(heard.finalVerdict, HANDOVER);
  assert.deepEqual(heard.handedOver[1], Buffer.from('\x16\x03'));
  const refused = [steps[0] as (typeof script)[0], s2c(message(item(0x78, item(10, '\x02'), item(4, ''), item(4, ''))))];
  assert.equal(play(ldapDecoder, refused).finalVerdict, undefined);
});

test('any cut gives the same notes', () => assertCutInvariant(ldapDecoder, [...script.slice(0, 4), ...script.slice(5)]));
test('nothing on the wire throws', () => {
  assertSurvives(ldapDecoder, script);
  assertSurvives(ldapDecoder, script, { transport: 'udp' });
});

test('probing tells LDAP from other sequences', () => {
  const probe = (bytes: Buffer): number => ldapDecoder.probe(0, bytes, 0, bytes.length);
  assert.equal(probe(simple), Verdict.certain);
  assert.equal(probe(Buffer.from('308400000010020101', 'hex')), Verdict.needMore);
  assert.equal(probe(message(item(0x42))), Verdict.certain);
  // SNMP: a version and a community.
  assert.equal(probe(message(item(4, 'public'))), Verdict.no);
  assert.equal(probe(Buffer.from('3005020101607f00', 'hex')), Verdict.no);
});
