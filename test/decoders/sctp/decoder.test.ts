import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Verdict } from '../../../src/decoders/contract.ts';
import { sctpDecoder } from '../../../src/decoders/sctp/index.ts';
import { assertSurvives, c2s, type Heard, type PlayOptions, play, s2c, swapped } from '../decoder-kit.ts';
import { avp, message, u32 } from '../diameter/messages.ts';

const chunk = (type: number, flags: number, ...parts: Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  const head = u32((type << 24) + (flags << 16) + 4 + body.length);
  return Buffer.concat([head, body, Buffer.alloc(-body.length & 3)]);
};
/** Flags: 1 end, 2 begin. */
const data = (flags: number, sequence: number, protocol: number, user: Buffer, stream = 0): Buffer =>
  chunk(0, flags, u32(sequence), u32(stream << 16), u32(protocol), user);
const part = (flags: number, messageNumber: number, word: number, user: Buffer, stream = 1): Buffer =>
  chunk(64, flags, u32(9), u32(stream << 16), u32(messageNumber), u32(word), user);
const diameter = (user: string): Buffer => message(0x80, 316, 16_777_251, [avp(1, user), avp(264, 'mme.example')]);
const hear = (packets: Buffer[], more: PlayOptions = {}): Heard =>
  play(
    sctpDecoder,
    packets.map((bytes) => c2s(bytes)),
    { transport: 'sctp', ...more },
  );
const users = (packets: Buffer[], more?: PlayOptions): unknown => hear(packets, more).notes.get('diameter.user');

test('whole messages: several chunks in a packet, and padding', () => {
  const packet = Buffer.concat([chunk(3, 0, Buffer.alloc(12)), data(3, 1, 46, diameter('a')), data(3, 2, 46, diameter('bcd'))]);
  const heard = hear([chunk(1, 0, Buffer.alloc(16)), packet, data(3, 3, 60, Buffer.from('other'))]);
  assert.deepEqual(heard.notes.get('sctp.payload_protocol_id'), [46, 60]);
  assert.deepEqual(heard.notes.get('diameter.user'), ['a', 'bcd']);
  assert.deepEqual(heard.notes.get('diameter.command'), ['Update-Location-Request (316)']);
  assert.deepEqual(heard.protocols, ['diameter']);
  assert.equal(hear([data(3, 1, 0, diameter('a'))]).protocols.length, 0);
  assert.deepEqual(hear([data(3, 1, 0, diameter('a'))], { serverPort: 3868 }).protocols, ['diameter']);
});

test('fragments in any order, twice, and around the end of their numbers', () => {
  const whole = diameter('someone@example');
  const cuts = [whole.subarray(0, 9), whole.subarray(9, 30), whole.subarray(30)];
  const first = 0xffff_fffe;
  const parts = cuts.map((user, index) => data(index === 0 ? 2 : index === 2 ? 1 : 0, (first + index) >>> 0, 46, user));
  for (const order of [
    [0, 1, 2],
    [2, 1, 0],
    [1, 0, 2],
    [2, 2, 0, 0, 1],
  ]) {
    assert.deepEqual(users(order.map((index) => parts[index] as Buffer)), ['someone@example'], order.join());
  }
  assert.equal(users([parts[0] as Buffer, parts[2] as Buffer]), undefined);
  // Two messages of a stream at once, told apart by their numbers (RFC 8260).
  const other = diameter('two');
  const interleaved = [
    part(2, 1, 46, whole.subarray(0, 20)),
    part(2, 2, 46, other.subarray(0, 20)),
    part(1, 2, 1, other.subarray(20)),
    part(0, 1, 1, whole.subarray(20, 25)),
    part(1, 1, 2, whole.subarray(25)),
  ];
  assert.deepEqual(users(interleaved), ['two', 'someone@example']);
  assert.deepEqual(users([part(3, 1, 46, whole)]), ['someone@example']);
});

test('fragments are bounded; lengths that lie are told', () => {
  const lonely = Array.from({ length: 10 }, (_, index) => data(2, index * 5, 46, Buffer.alloc(200)));
  const heard = hear(lonely, { options: { max_fragments: 4 } });
  assert.equal(heard.anomalies.get('sctp.too_many_fragments'), 6);
  assert.equal(hear(lonely, { options: { max_message_bytes: 1024 } }).anomalies.get('sctp.too_many_fragments'), 5);
  const whole = diameter('late');
  const late = [data(2, 900, 46, whole.subarray(0, 20)), data(1, 901, 46, whole.subarray(20))];
  assert.deepEqual(users([...lonely, ...late], { options: { max_fragments: 4 } }), ['late']);
  assert.equal(hear([Buffer.from('00030003', 'hex'), Buffer.from('0003ffff00', 'hex')]).anomalies.get('sctp.bad_chunk'), 2);
});

test('fragments that follow each other cost no more for being many', () => {
  const packet = (first: number): Buffer =>
    Buffer.concat(Array.from({ length: 70 }, (_, index) => data(0, first + index, 46, Buffer.alloc(1))));
  const many = Array.from({ length: 200 }, (_, index) => packet(1_000_000 - 70 * (index + 1)));
  const started = performance.now();
  const heard = hear(many, { options: { max_fragments: 65_536 } });
  assert.ok(performance.now() - started < 2000);
  assert.equal(heard.anomalies.size, 0);
  const whole = diameter('x'.repeat(3000));
  const bytes = [...whole].map((_, index) =>
    data(index === 0 ? 2 : index === whole.length - 1 ? 1 : 0, index, 46, whole.subarray(index, index + 1)),
  );
  const mixed = bytes.filter((_, index) => index % 2 === 0).concat(bytes.filter((_, index) => index % 2 === 1));
  assert.deepEqual(users(mixed, { options: { max_fragments: 65_536 } }), ['x'.repeat(3000)]);
});

test('nothing on the wire throws; every packet is SCTP', () => {
  const script = [c2s(data(2, 1, 46, diameter('a').subarray(0, 20))), s2c(data(3, 1, 3, Buffer.alloc(30)))];
  assertSurvives(sctpDecoder, script, { transport: 'sctp' }, 200);
  assert.equal(play(sctpDecoder, swapped(script), { transport: 'sctp' }).notes.size, 1);
  assert.equal(sctpDecoder.probe(0, Buffer.alloc(4), 0, 4), Verdict.certain);
});
