import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Verdict } from '../../../src/decoders/contract.ts';
import { openvpnDecoder } from '../../../src/decoders/openvpn/index.ts';
import { assertCutInvariant, assertSurvives, c2s, type Heard, play, type Step, s2c } from '../decoder-kit.ts';
import { serverName, u16 } from '../tls/hello-bytes.ts';
import { answer, hello } from '../tls/script-parts.ts';

const sessions = [Buffer.from('CLIENTID'), Buffer.from('SERVERID')] as const;
const u32 = (value: number): Buffer => Buffer.concat([u16(value >>> 16), u16(value & 0xffff)]);

/** A control packet; `acknowledged`: how many messages of the other side it says to have. */
function packet(
  side: 0 | 1,
  opcode: number,
  hmacBytes: number,
  id: number,
  acknowledged = 0,
  payload: Buffer = Buffer.alloc(0),
): Buffer {
  const guard = hmacBytes === 0 ? Buffer.alloc(0) : Buffer.concat([Buffer.alloc(hmacBytes, 0xa5), u32(id + 1), u32(0x65000000)]);
  const list = Array.from({ length: acknowledged }, (_, index) => u32(index));
  const other = acknowledged > 0 ? sessions[side === 0 ? 1 : 0] : Buffer.alloc(0);
  return Buffer.concat([
    Buffer.of(opcode << 3),
    sessions[side],
    guard,
    Buffer.of(acknowledged),
    ...list,
    other,
    u32(id),
    payload,
  ]);
}

const client = hello({ extensions: [serverName('vpn.test')] });
const server = answer({});
/** The client's hello in three messages that come out of order and twice. */
function script(hmacBytes: number, framed: (bytes: Buffer) => Buffer): Step[] {
  const parts = [client.subarray(0, 20), client.subarray(20, 40), client.subarray(40)];
  const message = (index: number): Buffer => framed(packet(0, 4, hmacBytes, index + 1, index === 0 ? 1 : 0, parts[index]));
  return [
    c2s(framed(packet(0, 7, hmacBytes, 0))),
    s2c(framed(packet(1, 8, hmacBytes, 0, 1))),
    c2s(message(1)),
    c2s(message(0)),
    c2s(message(0)),
    c2s(message(2)),
    s2c(framed(packet(1, 4, hmacBytes, 1, 3, server))),
    c2s(framed(Buffer.concat([Buffer.of(9 << 3), Buffer.alloc(60, 1)]))),
  ];
}

const asStream = (bytes: Buffer): Buffer => Buffer.concat([u16(bytes.length), bytes]);
const shown = (heard: Heard): unknown[] => [
  heard.notes.get('tls.client.server_name'),
  heard.notes.get('http.host'),
  heard.notes.get('tls.version'),
  (heard.notes.get('arkime.tls.ja4') as string[] | undefined)?.[0]?.slice(0, 4),
  heard.records.length,
  heard.anomalies.size,
];

test('the TLS of the control channel, whatever the HMAC, over UDP and TCP', () => {
  for (const hmacBytes of [0, 16, 20, 28, 32, 48, 64]) {
    const datagrams = script(hmacBytes, (bytes) => bytes);
    assert.deepEqual(shown(play(openvpnDecoder, datagrams, { transport: 'udp' })), [
      ['vpn.test'],
      ['vpn.test'],
      ['1.2'],
      'q12d',
      0,
      0,
    ]);
    const stream = script(hmacBytes, asStream);
    assert.deepEqual(shown(play(openvpnDecoder, stream)), [['vpn.test'], ['vpn.test'], ['1.2'], 't12d', 0, 0]);
    const [first] = datagrams;
    assert.ok(first !== undefined && 'bytes' in first);
    const bytes = Buffer.from(first.bytes);
    assert.equal(openvpnDecoder.probe(0, bytes, 0, bytes.length), Verdict.certain);
    assert.equal(openvpnDecoder.probe(0, asStream(bytes), 0, bytes.length + 2), Verdict.certain);
    assert.equal(openvpnDecoder.probe(0, asStream(bytes), 0, bytes.length), Verdict.needMore);
  }
  assertSurvives(
    openvpnDecoder,
    script(20, (bytes) => bytes),
    { transport: 'udp' },
  );
  assertCutInvariant(openvpnDecoder, script(20, asStream));
  assertSurvives(openvpnDecoder, script(20, asStream));
});

test('tls-crypt hides the handshake', () => {
  const hidden = Buffer.concat([
    Buffer.of(7 << 3),
    sessions[0],
    u32(1),
    u32(0x65000000),
    Buffer.alloc(32, 0x11),
    Buffer.alloc(5, 0x99),
  ]);
  assert.equal(openvpnDecoder.probe(0, hidden, 0, hidden.length), Verdict.certain);
  const heard = play(openvpnDecoder, [c2s(hidden), c2s(packet(0, 4, 0, 1, 0, client))], { transport: 'udp' });
  assert.equal(heard.notes.size, 0);
  const wrapped = Buffer.concat([hidden, Buffer.alloc(300, 0x55), u16(302)]);
  wrapped[0] = 10 << 3;
  assert.equal(openvpnDecoder.probe(0, wrapped, 0, wrapped.length), Verdict.certain);
});

test('no session begins like this', () => {
  const probe = (bytes: Buffer): number => openvpnDecoder.probe(0, bytes, 0, bytes.length);
  const reset = packet(0, 7, 0, 0);
  assert.equal(probe(Buffer.concat([reset, Buffer.of(1)])), Verdict.no);
  assert.equal(probe(reset.subarray(0, 13)), Verdict.no);
  assert.equal(probe(Buffer.concat([Buffer.of(0x38), Buffer.alloc(13)])), Verdict.no);
  assert.equal(probe(packet(0, 7, 0, 5)), Verdict.no);
  assert.equal(probe(packet(0, 4, 0, 0)), Verdict.no);
  assert.equal(probe(Buffer.of(0, 0, 0x38)), Verdict.no);
});
