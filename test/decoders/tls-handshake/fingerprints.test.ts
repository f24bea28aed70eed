import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { ClientHello, parseClientHello } from '../../../src/decoders/tls-handshake/client-hello.ts';
import { ja3Hash, ja3String, ja3sString } from '../../../src/decoders/tls-handshake/ja3.ts';
import { ja4 } from '../../../src/decoders/tls-handshake/ja4.ts';
import { parseServerHello, ServerHello } from '../../../src/decoders/tls-handshake/server-hello.ts';
import {
  alpn,
  chromeHello,
  clientHello,
  extension,
  groups,
  type HelloParts,
  serverHello,
  serverName,
  signatures,
  supportedVersions,
} from '../tls/hello-bytes.ts';

function parsed(parts: HelloParts) {
  const bytes = clientHello(parts);
  return parseClientHello(bytes, 0, bytes.length, new ClientHello());
}

function fingerprint(parts: HelloParts): string {
  return ja4(parsed(parts), 't').fingerprint;
}

const shortHash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12);

test('JA4 of the published Chrome example, in hash and in clear', () => {
  const bytes = chromeHello('clientservices.googleapis.com');
  const { fingerprint, raw } = ja4(parseClientHello(bytes, 0, bytes.length, new ClientHello()), 't');
  assert.equal(fingerprint, 't13d1516h2_8daaf6152771_e5627efa2ab1');
  assert.equal(
    raw,
    't13d1516h2_002f,0035,009c,009d,1301,1302,1303,c013,c014,c02b,c02c,c02f,c030,cca8,cca9_' +
      '0005,000a,000b,000d,0012,0015,0017,001b,0023,002b,002d,0033,4469,ff01_0403,0804,0401,0503,0805,0501,0806,0601',
  );
  assert.equal(ja4(parseClientHello(bytes, 0, bytes.length, new ClientHello()), 'q').fingerprint.charAt(0), 'q');
});

test('JA4 hashes of nothing are twelve zeros', () => {
  assert.equal(fingerprint({ ciphers: [] }), 't12i000000_000000000000_000000000000');
  assert.equal(fingerprint({ ciphers: [0x1a1a], extensions: [extension(0x0a0a)] }), 't12i000000_000000000000_000000000000');
  assert.equal(
    fingerprint({ ciphers: [0x1301], extensions: [serverName('a.test'), alpn(Buffer.from('h2'))] }),
    `t12d0102h2_${shortHash('1301')}_000000000000`,
  );
});

test('JA4 leaves the underscore out when there are no signature algorithms', () => {
  assert.equal(
    fingerprint({ ciphers: [0x1301], extensions: [groups(29), extension(23)] }),
    `t12i010200_${shortHash('1301')}_${shortHash('000a,0017')}`,
  );
  assert.equal(
    fingerprint({ ciphers: [0x1301], extensions: [signatures(0x0a0a, 0x0804, 0x0403)] }),
    `t12i010100_${shortHash('1301')}_${shortHash('000d_0804,0403')}`,
  );
});

test('JA4 counts stop at 99', () => {
  const ciphers = Array.from({ length: 120 }, (_, index) => 0xc100 + index);
  const extensions = Array.from({ length: 130 }, (_, index) => extension(0x1000 + index));
  assert.equal(fingerprint({ ciphers, extensions }).slice(0, 10), 't12i999900');
});

test('JA4 version: the highest offered, GREASE aside, else that of the message', () => {
  const of = (parts: HelloParts): string => fingerprint(parts).slice(1, 3);
  assert.equal(of({ extensions: [supportedVersions(0xfafa, 0x0303, 0x0304)] }), '13');
  assert.equal(of({ extensions: [supportedVersions(0xfafa)] }), '12');
  assert.equal(of({ version: 0x0302 }), '11');
  assert.equal(of({ version: 0x0301 }), '10');
  assert.equal(of({ version: 0x0300 }), 's3');
  assert.equal(of({ version: 0x0002 }), 's2');
  assert.equal(of({ version: 0xfefd }), 'd2');
  assert.equal(of({ version: 0x0666 }), '00');
});

test('JA4 protocol: first and last character, or hex digits when one is no letter or digit', () => {
  const of = (...name: number[]): string => fingerprint({ extensions: [alpn(Buffer.from(name))] }).slice(8, 10);
  assert.equal(of(0x68, 0x32), 'h2');
  assert.equal(of(...Buffer.from('http/1.1')), 'h1');
  assert.equal(of(0x68), 'hh');
  assert.equal(of(0xab), 'ab');
  assert.equal(of(0xab, 0xcd), 'ad');
  assert.equal(of(0x30, 0xab), '3b');
  assert.equal(of(0x30, 0x31, 0xab, 0xcd), '3d');
  assert.equal(of(0x30, 0xab, 0xcd, 0x31), '01');
  assert.equal(of(), '00');
  assert.equal(fingerprint({ extensions: [] }).slice(8, 10), '00');
});

test('JA3 leaves GREASE out of every list, and JA3S takes what the server sent', () => {
  const hello = parsed({
    ciphers: [0x2a2a, 0x1301, 0xc02f],
    extensions: [extension(0x1a1a), groups(0x3a3a, 29, 23), extension(11, Buffer.of(1, 0)), extension(23)],
  });
  assert.equal(ja3String(hello), '771,4865-49199,10-11-23,29-23,0');
  assert.equal(ja3Hash(ja3String(hello)), createHash('md5').update('771,4865-49199,10-11-23,29-23,0').digest('hex'));
  assert.equal(ja3String(parsed({ version: 0x0301, ciphers: [4, 5] })), '769,4-5,,,');
  const bytes = serverHello({ ciphers: [0xc02f], extensions: [extension(0xff01, Buffer.of(0)), extension(0x5a5a)] });
  assert.equal(ja3sString(parseServerHello(bytes, 0, bytes.length, new ServerHello())), '771,49199,65281-23130');
});

test('JA3 of the example in its own description', () => {
  // salesforce/ja3: 769,47-53-5-10-49161-49162-49171-49172-50-56-19-4,0-10-11,23-24-25,0
  const hello = parsed({
    version: 0x0301,
    ciphers: [47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4],
    extensions: [serverName('example.test'), groups(23, 24, 25), extension(11, Buffer.of(1, 0))],
  });
  assert.equal(ja3Hash(ja3String(hello)), 'ada70206e40642a3e4461f35503241d5');
});
