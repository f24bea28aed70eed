// Decoders of packets that are told by IP protocol or EtherType.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arpDecoder } from '../../../src/decoders/arp/index.ts';
import type { DecoderDefinition } from '../../../src/decoders/contract.ts';
import { icmpDecoder } from '../../../src/decoders/icmp/index.ts';
import { lldpDecoder, logicalLinkDecoder } from '../../../src/decoders/link-layer/index.ts';
import { igmpDecoder, pimDecoder } from '../../../src/decoders/multicast/index.ts';
import { ospfDecoder } from '../../../src/decoders/ospf/index.ts';
import { assertSurvives, c2s, type Heard, play } from '../decoder-kit.ts';

const hear = (definition: DecoderDefinition, ...packets: string[]): Heard =>
  play(
    definition,
    packets.map((hex) => c2s(Buffer.from(hex.replaceAll(' ', ''), 'hex'))),
    { transport: definition.transports[0] as 'ip' | 'ethernet' },
  );
const notes = (heard: Heard): unknown => Object.fromEntries(heard.notes);

const request = '0001 0800 0604 0001 020000000001 c0000201 000000000000 c0000202';
const reply = '0001 0800 0604 0002 020000000002 c0000202 020000000001 c0000201 00000000';
const hello = '02 01 002c c0000201 00000005 0000 0000 0000000000000000';

test('ICMP: types and codes', () => {
  assert.deepEqual(notes(hear(icmpDecoder, '0800f7ff', '0000ffff', '030a', '08')), {
    'icmp.type': [8, 0, 3],
    'icmp.code': [0, 10],
  });
});

test('ARP: what is asked for, and who has it', () => {
  const heard = hear(arpDecoder, request, reply, request.slice(0, 20), request.replace('0800', '86dd'));
  assert.deepEqual(notes(heard), {
    'arp.opcode': [1, 2],
    'arp.ip': ['192.0.2.2'],
    'arp.mac': ['02:00:00:00:00:02'],
  });
  assert.equal(heard.anomalies.get('arp.not_ipv4_over_ethernet'), 2);
});

test('OSPF: types, routers, areas, authentication', () => {
  const heard = hear(
    ospfDecoder,
    hello,
    hello.replace('02 01', '02 05').replace('0000 0000 0', '0000 0001 0'),
    '03 09 0010 c0000203 00000000',
  );
  assert.deepEqual(notes(heard), {
    'ospf.message_type': ['Hello', 'LSAck', 'unk-9'],
    'ospf.router_id': ['192.0.2.1', '192.0.2.3'],
    'ospf.area_id': ['0.0.0.5', '0.0.0.0'],
    tags: ['ospf:auth-null', 'ospf:auth-simple'],
  });
  assert.equal(hear(ospfDecoder, '02 01 00', '01 01 002c c0000201 00000005').anomalies.get('ospf.bad_header'), 2);
  const many = hear(ospfDecoder, ...Array.from({ length: 11 }, () => hello), hello.replace('02 01', '02 02'));
  assert.deepEqual(many.notes.get('ospf.message_type'), ['Hello']);
});

test('IEEE 802.2: IS-IS, ES-IS and XID name themselves', () => {
  const heard = hear(
    logicalLinkDecoder,
    'fefe03 83 1b 01 00 10 01',
    'fefe03 83 1b 01 00 f4',
    'fefe03 83 1b 01 00 1f',
    'fefe03 83 1b',
  );
  assert.deepEqual(heard.protocols, ['isis']);
  assert.deepEqual(heard.notes.get('isis.message_type'), ['lan-l2-hello', 'l2-lsp', 'unk-31', 'err-len-1']);
  const end = hear(logicalLinkDecoder, 'fefe03 82 0b 01 00 02', 'fefe03 82 0b 01 00 05', 'fefe03 82');
  assert.deepEqual([end.protocols, end.notes.get('esis.type')], [['esis'], ['esh', 'unknown-5']]);
  assert.deepEqual(hear(logicalLinkDecoder, '0001af 810100', '0000bf 810100').protocols, ['xid']);
  assert.deepEqual(hear(logicalLinkDecoder, '4242 03 0000', 'aaaa03', 'fe', 'fefe03 81 01').protocols, []);
});

test('nothing on the wire throws', () => {
  const all = [icmpDecoder, arpDecoder, ospfDecoder, logicalLinkDecoder, igmpDecoder, pimDecoder, lldpDecoder];
  for (const definition of all) {
    assertSurvives(definition, [c2s(Buffer.from((request + hello).replaceAll(' ', ''), 'hex'))], { transport: 'ip' }, 60);
  }
});
