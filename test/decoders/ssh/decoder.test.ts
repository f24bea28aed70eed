import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { DONE, Verdict } from '../../../src/decoders/index.ts';
import { sshDecoder } from '../../../src/decoders/ssh/index.ts';
import { assertCutInvariant, assertSurvives, c2s, play, s2c } from '../decoder-kit.ts';

const string = (value: string | Buffer): Buffer => {
  const bytes = Buffer.from(value as string);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
};
function packet(type: number, ...parts: Buffer[]): Buffer {
  const payload = Buffer.concat([Buffer.from([type]), ...parts]);
  return string(Buffer.concat([Buffer.from([6]), payload, Buffer.alloc(6)]));
}
const offer = (lists: string[]): Buffer => packet(20, Buffer.alloc(16), ...lists.map((list) => string(list)), Buffer.alloc(5));
const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

const clientLists = ['kex-a,kex-b', 'ssh-rsa', 'c2s-cipher', 's2c-cipher', 'c2s-mac', 's2c-mac', 'c2s-zip', 's2c-zip', '', ''];
const key = Buffer.concat([string('ssh-ed25519'), string(Buffer.alloc(32, 7))]);
const script = [
  s2c('Welcome to the machine\r\nSSH-2.0-OpenSSH_9.9 Debian\r\n'),
  c2s('SSH-2.0-PuTTY_0.78\n'),
  c2s(offer(clientLists)),
  s2c(offer(clientLists)),
  c2s(packet(34, Buffer.alloc(12))),
  // A group: the number of the reply of other key exchanges.
  s2c(packet(31, string(Buffer.alloc(129, 0x80)), string('\x02'))),
  s2c(packet(33, string(key), string('f'), string('signature'))),
  s2c(packet(21)),
  s2c(Buffer.alloc(64, 0xee)),
  c2s(packet(21)),
];
const notes = (steps: typeof script): Record<string, unknown[]> => Object.fromEntries(play(sshDecoder, steps).notes);

test('what both sides say before they encrypt', () => {
  assert.deepEqual(notes(script), {
    'ssh.version': ['ssh-2.0-openssh_9.9 debian', 'ssh-2.0-putty_0.78'],
    'ssh.hassh': [md5('kex-a,kex-b;c2s-cipher;c2s-mac;c2s-zip')],
    'ssh.hassh_server': [md5('kex-a,kex-b;s2c-cipher;s2c-mac;s2c-zip')],
    'ssh.host_key': [key.toString('base64')],
  });
  assert.equal(play(sshDecoder, script).finalVerdict, DONE);
});

test('SSH 1, and a stream that ends in its first line', () => {
  assert.deepEqual(notes([s2c('SSH-1.5-1.2.26\n'), s2c(Buffer.alloc(40)), c2s('SSH-1.5-x')]), {
    'ssh.version': ['ssh-1.5-1.2.26', 'ssh-1.5-x'],
  });
});

test('lengths that lie', () => {
  const short = offer(clientLists);
  short.writeUInt32BE(0xffff_fff0, 22);
  const heard = play(sshDecoder, [c2s('SSH-2.0-x\r\n'), c2s(short), c2s(Buffer.alloc(8, 0xff))]);
  assert.deepEqual([...heard.notes.keys()], ['ssh.version']);
  assert.deepEqual([...heard.anomalies.keys()], ['ssh.bad_key_exchange']);
  const huge = play(sshDecoder, [c2s('SSH-2.0-x\r\n'), c2s(Buffer.alloc(40_000, 0x7f))]);
  assert.deepEqual([...huge.anomalies.keys()], ['ssh.bad_packet']);
});

test('any cut gives the same notes', () => assertCutInvariant(sshDecoder, script));
test('nothing on the wire throws', () => assertSurvives(sshDecoder, script));

test('probing', () => {
  const probe = (text: string): number => sshDecoder.probe(0, Buffer.from(text), 0, text.length);
  assert.deepEqual([probe('SSH-2.0'), probe('SS'), probe('SSI-')], [Verdict.certain, Verdict.needMore, Verdict.no]);
});
