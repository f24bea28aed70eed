import { test } from 'node:test';
import { dhcpDecoder, dhcpv6Decoder } from '../../../src/decoders/dhcp/index.ts';
import { assertDatagrams, hex } from '../datagram-cases.ts';

const message = (operation: string, hardwareBytes: string, options: string, file = '', cookie = '63825363'): string =>
  `${operation} 01 ${hardwareBytes} 00 0000beef ${'00'.repeat(20)} 0200 5e00 0102 ${'00'.repeat(10)} ${'00'.repeat(64)} ${file.padEnd(256, '0')} ${cookie} ${options.padEnd(60, '0')}`;

test('DHCP says who asks for what', () => {
  assertDatagrams(dhcpDecoder, [
    {
      what: 'a client is given what it asks for',
      datagrams: [
        message('01', '06', `350103 0c05${hex('MyPC')}00 3204c0000210 3c04${hex('Acme')} ff`.replaceAll(' ', '')),
        `< ${message('02', '06', '350105ff')}`,
      ],
      notes: {
        'dhcp.id': ['beef'],
        'dhcp.mac': ['02:00:5e:00:01:02'],
        'dhcp.type': ['REQUEST', 'ACK'],
        'dhcp.host': ['mypc'],
        'dhcp.request_ip': ['192.0.2.16'],
        'dhcp.class_id': ['Acme'],
      },
    },
    {
      what: 'options go on in the field of the file',
      datagrams: [message('01', '00', '0000340101ff', '350101ff')],
      notes: { 'dhcp.id': ['beef'], 'dhcp.type': ['DISCOVER'] },
    },
    {
      what: 'names of NULs are none, and others end before them',
      datagrams: [
        message('01', '10', '350101 0c03000000 3c020000 0c00 ff'.replaceAll(' ', '')),
        message('01', '10', `0c06${hex('host')}0000 3c05${hex('Acme')}00 ff`.replaceAll(' ', '')),
      ],
      notes: { 'dhcp.id': ['beef'], 'dhcp.type': ['DISCOVER'], 'dhcp.host': ['host'], 'dhcp.class_id': ['Acme'] },
    },
    { what: 'an option beyond the end', datagrams: [message('01', '10', '35ff01')], notes: { 'dhcp.id': ['beef'] } },
    { what: 'BOOTP without options', datagrams: [message('01', '06', '', '', '00000000')], notes: {}, recognised: false },
    { what: 'a short message', datagrams: [message('01', '06', '').slice(0, 504)], notes: {}, recognised: false },
  ]);
});

test('DHCPv6 says kinds of messages and transactions', () => {
  assertDatagrams(dhcpv6Decoder, [
    {
      what: 'a client and its server',
      datagrams: ['01 0a0b0c 0008 0002 0000', '< 02 0a0b0c 000e 0000'],
      notes: { 'dhcp.type': ['SOLICIT', 'ADVERTISE'], 'dhcp.id': ['0a0b0c'] },
    },
    { what: 'a relay', datagrams: [`0c 00 ${'00'.repeat(32)} 0009 0004 01 0a0b0c`], notes: { 'dhcp.type': ['RELAY_FORW'] } },
    { what: 'no such type', datagrams: ['ff 0a0b0c'], notes: {}, recognised: false },
    {
      what: 'an option that does not fit',
      datagrams: ['0b 0a0b0c 0008 0009 0000'],
      notes: { 'dhcp.type': ['INFORMATION_REQUEST'], 'dhcp.id': ['0a0b0c'] },
      recognised: false,
    },
  ]);
});
