import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Verdict } from '../../../src/decoders/contract.ts';
import { DONE } from '../../../src/decoders/index.ts';
import { fbzeroDecoder, quicDecoder } from '../../../src/decoders/quic/index.ts';
import { assertCutInvariant, assertSurvives, c2s, type Heard, play, type Step, s2c } from '../decoder-kit.ts';
import { alpn, clientHello, extension, message, serverName, supportedVersions, u16 } from '../tls/hello-bytes.ts';
import { crypto, hex, initial } from './initial-packet.ts';

const hello = message(
  1,
  clientHello({
    ciphers: [0x1301, 0x1302],
    extensions: [
      serverName('Quic.test'),
      supportedVersions(0x0304),
      alpn(Buffer.from('h3')),
      extension(57, Buffer.alloc(900, 1)),
    ],
  }),
);
const heard = (steps: readonly Step[]): Heard => play(quicDecoder, steps, { transport: 'udp', options: { ja4_raw: true } });
const expected = {
  'tls.client.server_name': ['Quic.test'],
  'http.host': ['quic.test'],
  'arkime.tls.ja3string': ['771,4865-4866,0-43-16-57,,'],
  'arkime.tls.ja4_r': ['q13d0204h3_1301,1302_002b,0039'],
};
const notes = (from: Heard): Record<string, unknown> =>
  Object.fromEntries([...from.notes].filter(([name]) => Object.hasOwn(expected, name)));

test('client hellos of versions 1 and 2, in frames out of order, over several packets, after an acknowledgement', () => {
  for (const version of [1, 2] as const) {
    const ping = hex('01 02 05 40 20 01 00 03 03 03 05 00 00 00 01 02 03');
    const script = [
      c2s(
        initial(version, 0, Buffer.concat([crypto(700, hello.subarray(700)), hex('0000 01'), crypto(0, hello.subarray(0, 100))])),
      ),
      s2c(Buffer.concat([Buffer.from(initial(version, 0, Buffer.alloc(0)).fill(7, 30))])),
      c2s(initial(version, 1, Buffer.concat([ping, crypto(90, hello.subarray(90, 720))]))),
    ];
    const all = heard(script);
    assert.deepEqual(notes(all), expected);
    assert.deepEqual(all.protocols, ['quic']);
    assert.equal(all.finalVerdict, DONE);
    assert.equal(all.anomalies.size, 0);
    assertSurvives(quicDecoder, script, { transport: 'udp' });
  }
});

test('packets that do not open, and hellos that are none, end it', () => {
  const wrong = initial(1, 0, crypto(0, hello));
  wrong[100] = (wrong[100] as number) ^ 1;
  const failed = heard(Array.from({ length: 10 }, () => c2s(wrong)));
  assert.deepEqual([...failed.anomalies.keys()], ['quic.bad_initial']);
  assert.deepEqual(failed.protocols, []);
  assert.deepEqual(heard([c2s(wrong), s2c(wrong)]).protocols, ['quic']);
  assert.equal(failed.notes.size, 0);
  assert.equal(heard([c2s(initial(1, 0, crypto(0, message(2, Buffer.alloc(50)))))]).finalVerdict, DONE);
  assert.equal(heard([c2s(initial(1, 0, hex('1c 00')))]).finalVerdict, undefined);
  const many = Array.from({ length: 40 }, () => s2c(hex('40 0102030405060708 aabbccdd')));
  assert.equal(heard(many).finalVerdict, DONE);
});

const u32le = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};

/** A hello of QUIC Crypto. */
function tagged(tags: Readonly<Record<string, string>>, name = 'CHLO'): Buffer {
  let end = 0;
  const entries = Object.entries(tags).map(([tag, value]) => {
    end += value.length;
    return Buffer.concat([Buffer.from(tag.padEnd(4, '\0')), u32le(end)]);
  });
  const count = Buffer.of(entries.length, 0, 0, 0);
  return Buffer.concat([Buffer.from(name), count, ...entries, Buffer.from(Object.values(tags).join(''))]);
}

const tags = { PAD: '---', SNI: 'Www.Google.test', VER: 'Q043', UAID: 'Chrome/1' };
const said = { 'quic.host': ['www.google.test'], 'quic.version': ['Q043'], 'quic.user_agent': ['Chrome/1'] };
const hash = '000102030405060708090a0b';
const google: Readonly<Record<string, Buffer>> = {
  'Q024: private flags, lengths in little-endian order': Buffer.concat([
    hex(`0d 0102030405060708 ${Buffer.from('Q024').toString('hex')} 01 ${hash} 00 0000 a0 01`),
    Buffer.of(tagged(tags).length, 0),
    tagged(tags),
  ]),
  'Q033: a packet number of two bytes': Buffer.concat([
    hex(`19 0102030405060708 ${Buffer.from('Q033').toString('hex')} 0001 ${hash} 00 80 01`),
    tagged(tags),
  ]),
  'Q043 without connection id, with an offset': Buffer.concat([
    hex(`01 ${Buffer.from('Q043').toString('hex')} 01 ${hash} a4 01 0000`),
    u16(tagged(tags).length),
    tagged(tags),
  ]),
  'Q046 with a long header': Buffer.concat([
    hex(`c3 ${Buffer.from('Q046').toString('hex')} 50 0102030405060708 00000001 ${hash} a0 01`),
    u16(tagged(tags).length),
    tagged(tags),
  ]),
};

test('hellos of Google’s versions in clear', () => {
  for (const [what, packet] of Object.entries(google)) {
    assert.deepEqual(Object.fromEntries(heard([c2s(packet)]).notes), said, what);
    assert.equal(quicDecoder.probe(0, packet, 0, packet.length), Verdict.certain, what);
    assertSurvives(quicDecoder, [c2s(packet)], { transport: 'udp' });
  }
  const cut = google['Q033: a packet number of two bytes'] as Buffer;
  assert.deepEqual(Object.fromEntries(heard([c2s(cut.subarray(0, cut.length - 10))]).notes), {
    'quic.host': ['www.google.test'],
  });
});

test('probing', () => {
  const probe = (bytes: Buffer): number => quicDecoder.probe(0, bytes, 0, bytes.length);
  assert.equal(probe(initial(1, 0, hello)), Verdict.certain);
  assert.equal(probe(initial(2, 0, hello)), Verdict.certain);
  assert.equal(probe(initial(1, 0, hello).subarray(0, 1000)), Verdict.no);
  const unknown = initial(1, 0, hello);
  unknown.writeUInt32BE(0x1a2a3a4a, 1);
  assert.equal(probe(unknown), Verdict.no);
  assert.equal(probe(hex('40 0102030405060708 aabbccdd')), Verdict.no);
  assert.equal(probe(Buffer.from('Q043')), Verdict.no);
});

test('Facebook Zero over TCP', () => {
  const body = tagged({ SNI: 'Graph.test', VERS: 'x' });
  const script = [
    c2s(Buffer.concat([Buffer.from('1QTV0'), u32le(body.length), body])),
    s2c(Buffer.concat([Buffer.from('1QTV0'), u32le(48), tagged({ SNO: 'abc' }, 'SNOM')])),
  ];
  const all = play(fbzeroDecoder, script);
  assert.deepEqual(Object.fromEntries(all.notes), { 'quic.host': ['graph.test'] });
  assert.deepEqual(all.protocols, ['quic']);
  assertCutInvariant(fbzeroDecoder, script);
  assertSurvives(fbzeroDecoder, script);
  assert.equal(fbzeroDecoder.probe(0, Buffer.from('1QTV0'), 0, 5), Verdict.certain);
  assert.equal(fbzeroDecoder.probe(0, Buffer.from('1Q'), 0, 2), Verdict.needMore);
  assert.equal(fbzeroDecoder.probe(0, Buffer.from('1QT!'), 0, 4), Verdict.no);
});
