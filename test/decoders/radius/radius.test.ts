import { test } from 'node:test';
import { radiusDecoder } from '../../../src/decoders/radius/index.ts';
import { assertDatagrams, hex } from '../datagram-cases.ts';

const attribute = (type: number, value: string): string => {
  const bytes = value.replaceAll(' ', '');
  return type.toString(16).padStart(2, '0') + (bytes.length / 2 + 2).toString(16).padStart(2, '0') + bytes;
};
const message = (code: string, ...attributes: string[]): string => {
  const body = attributes.join('');
  return `${code} 07 ${(20 + body.length / 2).toString(16).padStart(4, '0')} ${'11'.repeat(16)} ${body}`;
};

test('RADIUS says who asks from where, and what was given', () => {
  assertDatagrams(radiusDecoder, [
    {
      what: 'access',
      datagrams: [
        message(
          '01',
          attribute(1, hex('Ann')),
          attribute(4, 'c0000205'),
          attribute(5, '00000009'),
          attribute(31, hex('02-00-5E-00-01-0F:net')),
        ),
        `< ${message('02', attribute(8, 'c6336401'), attribute(66, `01 ${hex('203.0.113.9')}`))}`,
        `< ${message('03')}`,
      ],
      notes: {
        'radius.message_type': ['access-request', 'access-accept', 'access-reject'],
        'radius.user': ['Ann'],
        'radius.nas_ip': ['192.0.2.5'],
        'radius.nas_port': [9],
        'radius.mac': ['02:00:5e:00:01:0f'],
        'radius.framed_ip': ['198.51.100.1'],
        'radius.endpoint_ip': ['203.0.113.9'],
      },
    },
    {
      what: 'values of the wrong size, a station without a MAC, a tunnel by name',
      datagrams: [
        message(
          '04',
          attribute(4, 'c00002'),
          attribute(8, 'c000020500'),
          attribute(31, hex('+49 30 123')),
          attribute(66, hex('host')),
          attribute(1, hex('bob')),
        ),
      ],
      notes: { 'radius.message_type': ['accounting-request'], 'radius.user': ['bob'] },
    },
    {
      what: 'an attribute that goes beyond the message ends it',
      datagrams: [`${message('01', attribute(1, hex('a')), '01ff')}`],
      notes: { 'radius.message_type': ['access-request'], 'radius.user': ['a'] },
    },
    { what: 'a code that does not exist', datagrams: [message('63')], notes: {}, recognised: false },
  ]);
});
