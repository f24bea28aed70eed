import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Verdict } from '../../../src/decoders/index.ts';
import { smbDecoder } from '../../../src/decoders/smb/index.ts';
import { item } from '../ber-items.ts';
import { call, contexts, pdu, samr } from '../dcerpc/pdus.ts';
import { assertCutInvariant, assertSurvives, c2s, play, type Step, s2c, swapped } from '../decoder-kit.ts';
import { authenticateMessage, challengeMessage, negotiateMessage } from '../ntlm/wire-messages.ts';
import { body, frame, smb1, smb2, u16, utf16 } from './messages.ts';

const alone = 0xff;
const pad = Buffer.alloc(1);
const notes = (steps: readonly Step[], deep = false): Record<string, unknown[]> =>
  Object.fromEntries(play(smbDecoder, steps, { options: { deep } }).notes);

const response = (token: Buffer, ...before: Buffer[]): Buffer => item(0xa1, item(0x30, ...before, item(0xa2, item(4, token))));
const initial = (token: Buffer): Buffer =>
  item(0x60, item(6, 'oid'), item(0xa0, item(0x30, item(0xa0, item(0x30)), item(0xa2, item(4, token)))));
function setup(token: Buffer): Buffer {
  const words = u16(alone, 0, 0, 0, 0, 0, 0, token.length, 0, 0, 0, 0);
  const gap = token.length % 2 === 0 ? pad : Buffer.alloc(0);
  return smb1(0x73, words, Buffer.concat([token, gap, utf16('Unix'), utf16('Samba 4'), utf16('WORKGROUP')]));
}
const passwords = smb1(
  0x73,
  u16(alone, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0),
  Buffer.concat([Buffer.alloc(2), pad, utf16('Admin'), utf16('HOME'), utf16('OS/2'), utf16('LAN')]),
);
const dialects = Buffer.from('\x02LANMAN1.0\0\x02NT LM 0.12\0');
const connect = (share: string): Buffer =>
  smb1(0x75, u16(alone, 0, 0, 1), Buffer.concat([pad, utf16(share), Buffer.from('?????\0')]));

const script = [
  c2s('\x81\0\0\x44'.concat(' '.repeat(68))),
  s2c('\x82\0\0\0'),
  c2s(smb1(0x72, Buffer.alloc(0), dialects)),
  s2c(smb1(0x72, u16(1), Buffer.alloc(0), true)),
  c2s(setup(initial(negotiateMessage('OTHER', 'ONE')))),
  s2c(smb1(0x73, u16(alone, 0, 0, 40), Buffer.alloc(60), true)),
  c2s(setup(response(authenticateMessage('DOM', 'Bob', 'PC'), item(0xa0, item(10, '\x01'))))),
  c2s(connect('\\\\srv\\data')),
  c2s(smb1(0x2d, Buffer.concat([u16(alone), Buffer.alloc(28)]), Buffer.concat([pad, utf16('\\a\\é.txt')]))),
  c2s(smb1(0x06, u16(0), Buffer.from('\x04old.txt\0'), false, false)),
  s2c(smb1(0x2e, Buffer.concat([u16(alone), Buffer.alloc(22)]), Buffer.alloc(20_000), true)),
  c2s('\x85\0\0\0'),
];

test('SMB 1', () => {
  const said = {
    ...{ 'smb.dialect': ['NT LM 0.12'], 'smb.os': ['Unix'], 'smb.version': ['Samba 4'] },
    ...{ 'smb.domain': ['WORKGROUP', 'DOM'], 'smb.user': ['Bob'], 'smb.host': ['PC'] },
    ...{ 'smb.share': ['\\\\srv\\data'], 'smb.filename': ['\\a\\é.txt', 'old.txt'] },
    ...{ 'ntlm.type': [3], 'ntlm.domain': ['DOM'], 'ntlm.host': ['PC'], 'ntlm.version': ['10.0.22621'] },
    'related.user': ['bob'],
  };
  assert.deepEqual(notes(script), said);
  assert.deepEqual(notes(swapped(script)), said);
  assert.deepEqual(notes([c2s(passwords)]), {
    ...{ 'smb.user': ['Admin'], 'smb.domain': ['HOME'], 'smb.os': ['OS/2'], 'smb.version': ['LAN'] },
  });
});

test('tokens: as they are, broken, and in the first token of SPNEGO', () => {
  const authenticate = authenticateMessage('DOM', 'Bob', 'PC');
  assert.deepEqual(
    [notes([c2s(setup(authenticate))])['smb.user'], notes([c2s(setup(authenticate))], true)['smb.user']],
    [undefined, ['Bob']],
  );
  const broken = Buffer.from(authenticate);
  broken.writeUInt32LE(0xffff_fff8, 32);
  const heard = notes([c2s(setup(response(broken)))]);
  assert.deepEqual([heard.tags, heard['smb.user'], heard['related.user']], [['smb:bad-security-blob'], undefined, ['bob']]);
  assert.deepEqual(notes(script, true)['ntlm.type'], [1, 3]);
});

test('commands in a chain', () => {
  const [first, second] = [setup(negotiateMessage('D', 'H')), connect('\\\\srv\\x')];
  const joined = Buffer.concat([first.subarray(4), second.subarray(4 + 32)]);
  joined[33] = 0x75;
  joined.writeUInt16LE(first.length - 4, 35);
  // Texts are aligned to the one header: a connect whose bytes begin at an odd place needs its padding there.
  const shares = notes([c2s(frame(joined))])['smb.share'];
  assert.equal(shares?.length, 1);
});

const text = (value: string): Buffer => Buffer.from(value, 'utf16le');
const tree = (share: string): Buffer =>
  smb2(
    3,
    body(
      8,
      [
        [4, 72],
        [6, text(share).length],
      ],
      text(share),
    ),
  );
const create = (name: string): Buffer =>
  smb2(
    5,
    body(
      56,
      [
        [44, 120],
        [46, text(name).length],
      ],
      text(name),
    ),
  );
const write = (data: Buffer): Buffer =>
  smb2(
    9,
    body(
      48,
      [
        [2, 112],
        [4, data.length],
      ],
      data,
    ),
  );
const second = [
  c2s(frame(smb2(0, Buffer.alloc(40)))),
  s2c(
    frame(
      smb2(
        0,
        body(
          64,
          [
            [4, 0x0311],
            [56, 128],
            [58, 40],
          ],
          initial(Buffer.alloc(20)),
        ),
        true,
      ),
    ),
  ),
  c2s(
    frame(
      smb2(
        1,
        body(
          24,
          [
            [12, 88],
            [14, 300],
          ],
          initial(negotiateMessage('DOM', 'PC')),
        ),
      ),
    ),
  ),
  s2c(
    frame(
      smb2(
        1,
        body(
          8,
          [
            [4, 72],
            [6, 300],
          ],
          response(challengeMessage('SRV')),
        ),
        true,
      ),
    ),
  ),
  c2s(
    frame(
      smb2(
        1,
        body(
          24,
          [
            [12, 88],
            [14, 300],
          ],
          response(authenticateMessage('DOM', 'Eve', 'PC')),
        ),
      ),
    ),
  ),
  c2s(frame(tree('\\\\srv\\IPC$'))),
  c2s(frame(create('samr'))),
  c2s(frame(write(Buffer.concat([pdu(11, contexts(samr)), pdu(0, call(13))])))),
  s2c(
    frame(
      smb2(
        8,
        body(
          16,
          [
            [2, 80],
            [4, 40],
          ],
          pdu(2, Buffer.alloc(24)),
        ),
        true,
      ),
    ),
  ),
  c2s(
    frame(
      smb2(
        9,
        body(
          48,
          [
            [2, 112],
            [4, 30_000],
          ],
          Buffer.alloc(30_000),
        ),
      ),
    ),
  ),
];

test('SMB 2, as Arkime reads it and in full', () => {
  assert.deepEqual(notes(second), { 'smb.share': ['\\\\srv\\IPC$'], 'smb.filename': ['samr'] });
  const heard = notes(second, true);
  assert.deepEqual([heard['smb.dialect'], heard['smb.user'], heard['ntlm.type']], [['SMB 3.1.1'], ['Eve'], [1, 2, 3]]);
  assert.deepEqual([heard['dcerpc.interface'], heard['dcerpc.operation_number']], [['samr'], [13]]);
  assert.deepEqual(heard['dcerpc.message_type'], ['bind', 'request', 'response']);
});

test('compound messages', () => {
  const [one, two] = [tree('\\\\srv\\a'), create('b')];
  const padded = Buffer.concat([one, Buffer.alloc((8 - (one.length % 8)) % 8)]);
  padded.writeUInt32LE(padded.length, 20);
  assert.deepEqual(notes([c2s(frame(padded, two))]), { 'smb.share': ['\\\\srv\\a'], 'smb.filename': ['b'] });
});

test('any cut gives the same notes', () => {
  const short = script.filter((step) => !('bytes' in step) || step.bytes.length < 10_000);
  assertCutInvariant(smbDecoder, short);
  assertCutInvariant(smbDecoder, second.slice(0, -1), { options: { deep: true } });
});
test('nothing on the wire throws', () => {
  assertSurvives(smbDecoder, script, { options: { deep: true } });
  assertSurvives(smbDecoder, second, { options: { deep: true } });
});

test('probing', () => {
  const probe = (bytes: Uint8Array): number => smbDecoder.probe(0, Buffer.from(bytes), 0, bytes.length);
  const whole = connect('\\\\a\\b');
  assert.deepEqual(
    [probe(whole), probe(whole.subarray(0, 6)), probe(frame(tree('x')))],
    [Verdict.certain, Verdict.needMore, Verdict.certain],
  );
  assert.equal(probe(Buffer.from('00000004fe534d43', 'hex')), Verdict.no);
  assert.equal(probe(Buffer.from('0000000401020304', 'hex')), Verdict.no);
  assert.equal(probe(Buffer.from('8100004420', 'hex')), Verdict.certain);
  assert.equal(probe(Buffer.from('82000000', 'hex')), Verdict.faint);
});
