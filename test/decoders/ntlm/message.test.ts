import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { DecoderContext } from '../../../src/decoders/index.ts';
import { noteNtlm, noteSecurityToken, noteSecurityTokenBase64, readIdentity } from '../../../src/decoders/ntlm/index.ts';
import { authenticateMessage, challengeMessage, initialToken, negotiateMessage, responseToken } from './wire-messages.ts';

/** What is noted of bytes that lie in the midst of others. */
function noted(bytes: Buffer, note = noteNtlm): Record<string, unknown[]> {
  const out: Record<string, unknown[]> = {};
  const add = (name: string, value: unknown): void => {
    out[name] = [...(out[name] ?? []), value];
  };
  const context = {
    note: (field: { name: string }, value: unknown) => add(field.name, value),
    protocol: (name: string) => add('protocol', name),
  } as unknown as DecoderContext;
  note(context, Buffer.concat([Buffer.from('xyz'), bytes, Buffer.from('tail')]), 3, 3 + bytes.length);
  return out;
}

const authenticate = authenticateMessage('DÖM', 'Alice', 'PC1');

test('the three messages', () => {
  assert.deepEqual(noted(negotiateMessage('DOM', 'PC1')), {
    ...{ protocol: ['ntlm'], 'ntlm.type': [1], 'ntlm.domain': ['DOM'], 'ntlm.host': ['PC1'] },
    'ntlm.version': ['10.0.19041'],
  });
  const challenged = { protocol: ['ntlm'], 'ntlm.type': [2], 'ntlm.target_name': ['TARGET'], 'ntlm.version': ['6.3.9600'] };
  assert.deepEqual(noted(challengeMessage('TARGET')), challenged);
  assert.deepEqual(noted(challengeMessage('TARGET', false)), challenged);
  const authenticated = {
    ...{ protocol: ['ntlm'], 'ntlm.type': [3], 'ntlm.domain': ['DÖM'], 'related.user': ['alice'], 'ntlm.host': ['PC1'] },
    'ntlm.version': ['10.0.22621'],
  };
  assert.deepEqual(noted(authenticate), authenticated);
  assert.deepEqual(noted(Buffer.from(authenticate.toString('base64')), noteSecurityTokenBase64), authenticated);
});

test('messages in SPNEGO, bare and in base64, whole and cut', () => {
  const cases: [Buffer, number][] = [
    [initialToken(negotiateMessage('DOM', 'PC1')), 1],
    [responseToken(challengeMessage('TARGET')), 2],
    [responseToken(authenticate), 3],
  ];
  for (const [token, type] of cases) {
    assert.deepEqual(noted(token, noteSecurityToken)['ntlm.type'], [type]);
    assert.deepEqual(noted(Buffer.from(token.toString('base64')), noteSecurityTokenBase64)['ntlm.type'], [type]);
    // The name of what a message is about lies in its end.
    assert.deepEqual(noted(token.subarray(0, token.length - 2), noteSecurityToken)['ntlm.type'], [type]);
    assert.deepEqual(noted(token, noteNtlm), {});
  }
  assert.deepEqual(noted(authenticate, noteSecurityToken), noted(authenticate));
  // A ticket of Kerberos, and a choice without a token.
  for (const token of [initialToken(Buffer.from('\x60\x82Kerberos')), responseToken(Buffer.alloc(0))]) {
    assert.deepEqual(noted(token, noteSecurityToken), {});
    assert.deepEqual(noted(Buffer.from(token.toString('base64')), noteSecurityTokenBase64), {});
  }
});

test('a name that leads out of the message is passed over, the others are kept', () => {
  const broken = Buffer.from(authenticate);
  broken.writeUInt32LE(0xffff_fff8, 32);
  const out = noted(broken);
  assert.equal(out['ntlm.domain'], undefined);
  assert.deepEqual(out['related.user'], ['alice']);
  assert.equal(readIdentity(broken, 0, broken.length).complete, false);
  assert.equal(readIdentity(authenticate, 0, authenticate.length).complete, true);
});

test('what is no message says nothing', () => {
  const other = Buffer.from(authenticate);
  other[8] = 4;
  for (const bytes of [other, Buffer.from('NTLMSSP'), Buffer.from('NTLMSSP\0\x01\0\0'), Buffer.alloc(80)]) {
    assert.deepEqual(noted(bytes), {});
    assert.deepEqual(noted(bytes, noteSecurityTokenBase64), {});
  }
  assert.deepEqual(noted(Buffer.from(`${authenticate.toString('base64').slice(0, 40)}!?`), noteSecurityTokenBase64), {});
});

test('any bytes and any cut are survived', () => {
  fc.assert(
    fc.property(fc.nat(authenticate.length), fc.uint8Array({ maxLength: 60 }), fc.nat(60), (length, noise, at) => {
      const bytes = Buffer.from(authenticate.subarray(0, length));
      bytes.set(noise.subarray(0, Math.max(0, bytes.length - 12 - at)), Math.min(12 + at, bytes.length));
      noted(bytes);
      const token = initialToken(bytes);
      token.set(noise, Math.min(at, token.length - noise.length));
      noted(token, noteSecurityToken);
      noted(Buffer.from(token.toString('base64')), noteSecurityTokenBase64);
    }),
    { seed: 1 },
  );
});
