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

/** What a server and a client say of whom the server is the side that the session took for the client. */
const turned = (methodsOfServer: string, methodsOfClient: string, ...exchange: typeof script): typeof script => [
  c2s('SSH-2.0-OpenSSH_9.9\r\n'),
  s2c('SSH-2.0-PuTTY_0.78\r\n'),
  c2s(offer([methodsOfServer, ...clientLists.slice(1)])),
  s2c(offer([methodsOfClient, ...clientLists.slice(1)])),
  ...exchange,
];
const hashesOf = (steps: typeof script, ports = {}): unknown[] => {
  const heard = play(sshDecoder, steps, ports);
  return [heard.notes.get('ssh.hassh')?.join(), heard.notes.get('ssh.hassh_server')?.join()];
};
const clientHash = (methods: string): string => md5(`${methods};c2s-cipher;c2s-mac;c2s-zip`);
const serverHash = (methods: string): string => md5(`${methods};s2c-cipher;s2c-mac;s2c-zip`);

test('the server spoke first of what was seen: the sides are told by what only one of them may say', () => {
  const fromClient = packet(30, string(Buffer.alloc(32, 0x90)));
  const fromServer = packet(31, string(key), string('f'), string('signature'));
  const right = [clientHash('b'), serverHash('a')];
  // By the first message of the key exchange, and by the answer where nothing else of the other side was captured.
  const exchanged = turned('a', 'b', s2c(fromClient), c2s(fromServer), c2s(packet(21)), s2c(packet(21)));
  assert.deepEqual(hashesOf(exchanged), right);
  assert.deepEqual(notes(exchanged)['ssh.host_key'], [key.toString('base64')]);
  assertCutInvariant(sshDecoder, exchanged);
  const serverOnly = exchanged.filter(({ direction }) => direction === 0);
  assert.deepEqual(hashesOf(serverOnly), [undefined, serverHash('a')]);
  assert.deepEqual(notes(serverOnly)['ssh.host_key'], [key.toString('base64')]);
  // By names in the lists of methods.
  for (const mark of ['ext-info-c', 'kex-strict-c-v00@openssh.com']) {
    assert.deepEqual(hashesOf(turned('a', `b,${mark}`)), [clientHash(`b,${mark}`), serverHash('a')]);
  }
  for (const mark of ['ext-info-s', 'kex-strict-s']) {
    assert.deepEqual(hashesOf(turned(`a,${mark}`, 'b')), [clientHash('b'), serverHash(`a,${mark}`)]);
  }
  // By the well-known port when the session ends before that.
  assert.deepEqual(hashesOf(turned('a', 'b'), { clientPort: 22, serverPort: 40000 }), right);
  assert.deepEqual(hashesOf(turned('a', 'b')), [clientHash('a'), serverHash('b')]);
});

test('a key exchange that the server begins tells nothing by its numbers (RFC 4432)', () => {
  const rsa = 'rsa2048-sha256';
  const begun = c2s(packet(30, string(key), string('transient key')));
  assert.deepEqual(hashesOf(turned(rsa, rsa, begun), { clientPort: 22 }), [clientHash(rsa), serverHash(rsa)]);
  assert.deepEqual(hashesOf(turned(rsa, `${rsa},ext-info-c`, begun)), [clientHash(`${rsa},ext-info-c`), serverHash(rsa)]);
});

test('lines before the identification of a server are heard, a number of them', () => {
  const talkative = (count: number): typeof script => [
    c2s('Welcome\r\n'.repeat(count)),
    c2s('SSH-2.0-OpenSSH_9.9\r\n'),
    s2c('SSH-2.0-PuTTY_0.78\r\n'),
  ];
  assert.deepEqual(notes(talkative(1024))['ssh.version'], ['ssh-2.0-openssh_9.9', 'ssh-2.0-putty_0.78']);
  assert.deepEqual(notes(talkative(1025))['ssh.version'], ['ssh-2.0-putty_0.78']);
});

test('any cut gives the same notes', () => assertCutInvariant(sshDecoder, script));
test('nothing on the wire throws', () => assertSurvives(sshDecoder, script));

test('probing', () => {
  const probe = (text: string): number => sshDecoder.probe(0, Buffer.from(text), 0, text.length);
  assert.deepEqual([probe('SSH-2.0'), probe('SS'), probe('SSI-')], [Verdict.certain, Verdict.needMore, Verdict.no]);
});
