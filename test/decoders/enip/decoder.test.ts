import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DONE, Verdict } from '../../../src/decoders/contract.ts';
import { enipDecoder } from '../../../src/decoders/enip/index.ts';
import { assertCutInvariant, assertSurvives, c2s, play, s2c, swapped } from '../decoder-kit.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const u16 = (value: number): Buffer => Buffer.from([value & 0xff, value >> 8]);
const message = (command: number, body: Buffer = Buffer.alloc(0), status = 0): Buffer =>
  Buffer.concat([u16(command), u16(body.length), hex('78563412'), u16(status), Buffer.alloc(14), body]);
const item = (type: number, data: Buffer): Buffer => Buffer.concat([u16(type), u16(data.length), data]);
const unconnected = (cip: string): Buffer =>
  message(0x6f, Buffer.concat([Buffer.alloc(6), hex('0200'), item(0, hex('')), item(0xb2, hex(cip))]));
const connected = (cip: string): Buffer =>
  message(0x70, Buffer.concat([Buffer.alloc(6), hex('0200'), item(0xa1, hex('01000000')), item(0xb1, hex(`0100${cip}`))]));
const identity = (vendor: number, name: string): Buffer => {
  const head = Buffer.concat([hex('0100'), Buffer.alloc(16), u16(vendor), hex('0c00 2a00 0102 0000 bebafeca')]);
  return message(
    0x63,
    Buffer.concat([hex('0100'), item(0x0c, Buffer.concat([head, Buffer.from([name.length]), Buffer.from(name), hex('03')]))]),
  );
};
const script = [
  c2s(Buffer.concat([message(0), message(0x65, hex('01000000'))])),
  s2c(Buffer.concat([message(0x65, hex('01000000')), identity(1, 'Rack A'), identity(9999, 'Box')])),
  // Forward_Open of the connection manager; a symbol and a 16-bit class; a port on the way; a class in four bytes.
  c2s(Buffer.concat([unconnected('54 02 2006 2401 00'), connected('4c 05 91 05 4d6f746f7200 2401 2801')])),
  s2c(Buffer.concat([unconnected('d4 00 00 00'), unconnected('f0 00 00 00'), message(0x70, Buffer.alloc(0), 100)])),
  c2s(Buffer.concat([connected('0e 05 0100 2100 f500 2401 3001'), connected('7e 03 2200 6b000000')])),
  c2s(Buffer.concat([unconnected('52 02 2006 2401'), unconnected('52 02 206b 2401'), message(0x66)])),
];

test('commands, services, classes, identities, in any cut and from either side', () => {
  const heard = play(enipDecoder, script);
  assert.deepEqual(Object.fromEntries(heard.notes), {
    'enip.command': ['NOP', 'RegisterSession', 'ListIdentity', 'SendRRData', 'SendUnitData', 'UnRegisterSession'],
    'enip.status': [0, 100],
    'enip.vendor_id': [1, 9999],
    'enip.vendor': ['Rockwell Automation/Allen-Bradley', 'Vendor-9999'],
    'enip.device_type': ['DeviceType-0x000c'],
    'enip.product': ['Rack A', 'Box'],
    'enip.service': [
      'Forward_Open',
      'Read_Tag',
      'Reply',
      'Get_Attribute_Single',
      'Service-0x7e',
      'Unconnected_Send',
      'Read_Tag_Fragmented',
    ],
    'enip.class': ['Connection Manager', 'TCP/IP Interface', 'Class-0x6b'],
  });
  assert.deepEqual(heard.protocols, ['cip']);
  assert.equal(play(enipDecoder, swapped(script)).notes.size, 8);
  assertCutInvariant(enipDecoder, script);
  assertSurvives(enipDecoder, script, {}, 150);
});

test('datagrams', () => {
  const udp = { transport: 'udp' } as const;
  const cut = identity(5, 'Valve').subarray(0, 30);
  const heard = play(enipDecoder, [c2s(message(0x63)), s2c(identity(0x17, 'PLC')), s2c(cut)], udp);
  assert.deepEqual(heard.notes.get('enip.product'), ['PLC']);
  assert.equal(heard.anomalies.get('enip.cut_message'), 1);
  assertSurvives(enipDecoder, script, udp, 100);
});

test('what is no message ends it; probing: on its ports alone', () => {
  assert.equal(play(enipDecoder, [c2s(message(0)), c2s(message(0x01))]).finalVerdict, DONE);
  const probe = (bytes: Buffer): Verdict => enipDecoder.probe(0, bytes, 0, bytes.length);
  assert.equal(probe(message(0x65, hex('01000000'))), Verdict.faint);
  assert.equal(probe(message(0x65).subarray(0, 20)), Verdict.needMore);
  assert.equal(probe(message(0x02)), Verdict.no);
  assert.equal(probe(Buffer.alloc(24, 0x65)), Verdict.no);
});
