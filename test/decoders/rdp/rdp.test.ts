import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Verdict } from '../../../src/decoders/contract.ts';
import { DONE, HANDOVER } from '../../../src/decoders/index.ts';
import { rdpDecoder } from '../../../src/decoders/rdp/index.ts';
import { assertCutInvariant, assertSurvives, c2s, play, s2c } from '../decoder-kit.ts';
import { u16 } from '../tls/hello-bytes.ts';

const hex = (text: string): Buffer => Buffer.from(text.replace(/\s/g, ''), 'hex');
const tpkt = (content: Buffer): Buffer => Buffer.concat([hex('0300'), u16(content.length + 4), content]);
const request = (variable: Buffer): Buffer =>
  tpkt(Buffer.concat([Buffer.of(6 + variable.length), hex('e0 0000 0000 00'), variable]));
const confirm = (variable: Buffer): Buffer =>
  tpkt(Buffer.concat([Buffer.of(6 + variable.length), hex('d0 0000 1234 00'), variable]));
const cookie = Buffer.from('Cookie: mstshash=JDoe\r\n');

test('user, offers and choice; then TLS', () => {
  const script = [
    c2s(request(Buffer.concat([cookie, hex('01 00 0800 0b000000')]))),
    s2c(Buffer.concat([confirm(hex('02 1f 0800 02000000')), Buffer.from('after')])),
    c2s(hex('160301')),
  ];
  const heard = play(rdpDecoder, script);
  assert.deepEqual(Object.fromEntries(heard.notes), {
    'related.user': ['jdoe'],
    'rdp.requested_protocols': ['ssl', 'nla', 'nla-ext'],
    'rdp.selected_protocol': ['nla'],
  });
  assert.equal(heard.finalVerdict, HANDOVER);
  assert.equal(heard.handedOver[1].toString(), 'after');
  assertCutInvariant(rdpDecoder, script);
  assertSurvives(rdpDecoder, script);
});

test('without TLS, the settings of the client in clear', () => {
  const core = Buffer.alloc(132);
  core.writeUInt32LE(0x0409, 12);
  core.writeUInt32LE(2600, 16);
  core.write('ELTONS-PC', 20, 'utf16le');
  const blocks = Buffer.concat([hex('04c0 0c00 0d000000 00000000'), hex('01c0'), Buffer.of(core.length + 4, 0), core]);
  const settings = tpkt(Buffer.concat([hex('02f080 7f65'), Buffer.from('..Duca'), u16(0x8000 | blocks.length), blocks]));
  const script = [c2s(request(hex('01 00 0800 00000000'))), s2c(confirm(hex('02 00 0800 00000000'))), c2s(settings)];
  const heard = play(rdpDecoder, script);
  assert.deepEqual(Object.fromEntries(heard.notes), {
    'rdp.requested_protocols': ['rdp'],
    'rdp.selected_protocol': ['rdp'],
    'rdp.keyboard_layout': ['0x00000409'],
    'rdp.client_build': [2600],
    'rdp.client_name': ['ELTONS-PC'],
  });
  assert.equal(heard.finalVerdict, DONE);
  assertCutInvariant(rdpDecoder, script);
  assertSurvives(rdpDecoder, script);
});

test('a refusal, a routing token, a cookie without an end', () => {
  const notes = (...packets: Buffer[]): unknown =>
    Object.fromEntries(
      play(
        rdpDecoder,
        packets.map((bytes) => c2s(bytes)),
      ).notes,
    );
  assert.deepEqual(notes(confirm(hex('03 00 0800 05000000'))), {});
  const token = Buffer.from('Cookie: msts=3640205228.15629.0000\r\n');
  assert.deepEqual(notes(request(Buffer.concat([token, hex('01 00 0800 10000000')]))), { 'rdp.requested_protocols': ['aad'] });
  assert.deepEqual(notes(request(Buffer.from('Cookie: mstshash=eve'))), { 'related.user': ['eve'] });
});

test('probing: TPKT alone is not enough', () => {
  const probe = (bytes: Buffer): number => rdpDecoder.probe(0, bytes, 0, bytes.length);
  assert.equal(probe(request(cookie)), Verdict.certain);
  assert.equal(probe(request(cookie).subarray(0, 30)), Verdict.certain);
  assert.equal(probe(request(cookie).subarray(0, 12)), Verdict.needMore);
  assert.equal(probe(request(hex('01 00 0800 00000000'))), Verdict.certain);
  assert.equal(probe(confirm(hex('02 00 0800 00000000'))), Verdict.certain);
  assert.equal(probe(request(Buffer.alloc(0))), Verdict.faint);
  // S7 names its transport selectors.
  assert.equal(probe(request(hex('c0010a c1020100 c2020102'))), Verdict.no);
  assert.equal(probe(hex('0301')), Verdict.no);
});
