import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stunDecoder } from '../../../src/decoders/stun/index.ts';
import { assertDatagrams, hex, stepsOf } from '../datagram-cases.ts';
import { assertCutInvariant, assertSurvives, c2s, play, type Step, s2c } from '../decoder-kit.ts';

const cookie = '2112a442';
const id = '000102030405060708090a0b';
const attribute = (type: string, value: string): string => {
  const bytes = value.replaceAll(' ', '');
  const padded = bytes.padEnd(Math.ceil(bytes.length / 8) * 8, '0');
  return type + (bytes.length / 2).toString(16).padStart(4, '0') + padded;
};
const message = (type: string, ...attributes: string[]): string => {
  const body = attributes.join('');
  return `${type}${(body.length / 2).toString(16).padStart(4, '0')}${cookie}${id}${body}`;
};

test('STUN and TURN say who is where', () => {
  assertDatagrams(stunDecoder, [
    {
      what: 'a binding: port 1000 of 198.51.100.7 mixed with the cookie, and of an IPv6 address',
      datagrams: [
        message('0001', attribute('0006', hex('ab:cd')), attribute('8022', hex('x 1'))),
        `< ${message('0101', attribute('0020', '0001 22fa e721c045'), attribute('0001', `0002 03e8 20010db8${'00'.repeat(11)}01`))}`,
      ],
      notes: {
        'stun.type': ['Binding Request', 'Binding Response'],
        'stun.username': ['ab:cd'],
        'stun.software': ['x 1'],
        'stun.xor_mapped_ip': ['198.51.100.7'],
        'stun.xor_mapped_port': [1000],
        tags: ['stun:nat-discovered'],
        'stun.mapped_ip': ['2001:db8::1'],
        'stun.mapped_port': [1000],
      },
    },
    {
      what: 'an allocation',
      datagrams: [
        `< ${message('0113', attribute('0009', '0000 0401'), attribute('0014', hex('example')))}`,
        `< ${message('0103', attribute('0016', '0001 22fa e721c045'), attribute('0020', '0001 22fa e112a643'))}`,
        message('0008', attribute('0012', '0001 22fa e721c045')),
        message('0016'),
      ],
      notes: {
        'stun.type': ['Allocate Error', 'Allocate Response', 'CreatePermission Request', 'Send Indication'],
        'stun.error': [401],
        'stun.realm': ['example'],
        'stun.xor_relayed_ip': ['198.51.100.7'],
        'stun.xor_relayed_port': [1000],
        // The client's own address: no NAT.
        'stun.xor_mapped_ip': ['192.0.2.1'],
        'stun.xor_mapped_port': [1000],
        'stun.xor_peer_ip': ['198.51.100.7'],
        'stun.xor_peer_port': [1000],
      },
    },
    {
      what: 'the old form, without a cookie',
      datagrams: [`0001 0008 ${'77'.repeat(16)} 0003 0004 00000000`],
      notes: { 'stun.type': ['Binding Request'] },
    },
    { what: 'a line of text', datagrams: [hex('RSP/2.0 STUN\r\n\r\n')], notes: {} },
    { what: 'another line of text', datagrams: [hex('RSP/2.0 OTHER\r\nSTUN')], notes: {}, recognised: false },
    {
      what: 'no attributes',
      datagrams: [`0001 0008 ${'77'.repeat(16)} 0003 0008 00000000`],
      notes: { 'stun.type': ['Binding Request'] },
      recognised: false,
    },
  ]);
});

const script = [
  c2s(Buffer.from(message('0003', attribute('0019', '11000000')), 'hex'), 1000),
  s2c(Buffer.from(message('0103', attribute('0016', '0001 22fa e721c045')), 'hex'), 2000),
  c2s(Buffer.from(`4001 0005 ${hex('hello')} 000000`.replaceAll(' ', '') + message('0009') + message('0004'), 'hex'), 3000),
];

test('over TCP any cut gives the same', () => {
  assert.deepEqual(play(stunDecoder, script).notes.get('stun.type'), [
    'Allocate Request',
    'Allocate Response',
    'ChannelBind Request',
    'Refresh Request',
  ]);
  assertCutInvariant(stunDecoder, script);
  assertSurvives(stunDecoder, script);
});

test('DTLS in a session of ICE is handed over', () => {
  const dtls = `16 fefd 0000 000000000000 0004 01020304`;
  const heard = play(stunDecoder, stepsOf([message('0001'), '80 60 0001', dtls]) as Step[], { transport: 'udp' });
  assert.equal(heard.handedOver[0].toString('hex'), dtls.replaceAll(' ', ''));
});
