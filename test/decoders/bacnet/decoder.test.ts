import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bacnetDecoder } from '../../../src/decoders/bacnet/index.ts';
import { Verdict } from '../../../src/decoders/contract.ts';
import { assertSurvives, c2s, type Heard, play } from '../decoder-kit.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const udp = { transport: 'udp' } as const;
/** A message with its length filled in. */
const message = (link: string, rest: string): Buffer => {
  const bytes = hex(`${link} 0000 ${rest}`);
  bytes.writeUInt16BE(bytes.length, 2);
  return bytes;
};
const hear = (...messages: Buffer[]): Heard =>
  play(
    bacnetDecoder,
    messages.map((bytes) => c2s(bytes)),
    udp,
  );
const objectNames = (...messages: Buffer[]): unknown => hear(...messages).notes.get('bacnet.object_name');

const network = '01 28 ffff 00 000d 01 3d ff';
const iHave = message('810b', `${network} 10 01 c4 0200003d c4 00000001 75 07 00 5075 6d70 2031`);
const whoHas = message('810a', '01 20 ffff 00 ff 10 07 09 00 1a 03e8 3d 07 00 5075 6d70 2032');
const ack = message('810a', '01 00 30 01 0c 0c 00000001 19 4d 3e 75 06 00 4148 552d 31 3f');

test('functions, types, services', () => {
  const heard = hear(
    iHave,
    message('810a', '01 04 02 03 01 0c 0c 00000001 19 55'),
    message('810a', '01 04 0a 03 01 01 04 0e'),
    message('8104', 'c0000201 bac0 01 00 10 08'),
    message('810a', '01 00 50 01 0c 91 02 91 20'),
    message('810a', '01 00 20 01 0f'),
    message('8105', '0078'),
    message('810b', '01 80 00'),
    message('8202', '000001 01 00 10 09'),
    message('810a', '01 00 a0 01'),
  );
  assert.deepEqual(Object.fromEntries(heard.notes), {
    'bacnet.function': ['original-broadcast', 'original-unicast', 'forwarded-npdu', 'register-foreign-device'],
    'bacnet.apdu_type': ['unconfirmed-request', 'confirmed-request', 'error', 'simple-ack'],
    'bacnet.service': ['i-have', 'read-property', 'read-property-multiple', 'who-is', 'utc-time-synchronization'],
    'bacnet.object_name': ['Pump 1'],
  });
});

test('object names: announced, asked for, and as a property', () => {
  assert.deepEqual(objectNames(iHave, whoHas, ack), ['Pump 1', 'Pump 2', 'AHU-1']);
  // A description is no name.
  assert.equal(objectNames(message('810a', '01 00 30 01 0c 0c 00000001 19 1c 3e 75 06 00 4148 552d 31 3f')), undefined);
  const list = '0c 00000001 1e 29 4d 4e 74 00 41 42 43 4f 29 55 4e 44 00000000 4f 29 4d 4e 75 05 04 0041 0042 4f 1f';
  assert.deepEqual(objectNames(message('810a', `01 00 30 01 0e ${list}`)), ['ABC', 'AB']);
  assert.deepEqual(objectNames(message('810a', `01 00 38 01 01 04 0e ${list}`)), undefined);
  assert.equal(objectNames(message('810a', '01 20 ffff 00 ff 10 07 3d fe ffff 00')), undefined);
});

test('nothing on the wire throws; probing', () => {
  assertSurvives(bacnetDecoder, [c2s(iHave), c2s(whoHas), c2s(ack)], udp, 200);
  const probe = (bytes: Buffer): Verdict => bacnetDecoder.probe(0, bytes, 0, bytes.length);
  assert.equal(probe(ack), Verdict.maybe);
  assert.equal(probe(ack.subarray(0, 20)), Verdict.no);
  assert.equal(probe(message('810d', '00')), Verdict.no);
});
