import { test } from 'node:test';
import { nbnsDecoder } from '../../../src/decoders/nbns/index.ts';
import { assertDatagrams, hex } from '../datagram-cases.ts';

/** As on the wire, with the kind of name behind it. */
const encoded = (name: string, kind = 0x20, fill = ' '): string => {
  const letters = [...Buffer.from(name.padEnd(15, fill) + String.fromCharCode(kind), 'latin1')]
    .map((byte) => String.fromCharCode(0x41 + (byte >> 4), 0x41 + (byte & 15)))
    .join('');
  return `20${hex(letters)}00`;
};
const header = (flags: string, ...counts: number[]): string =>
  `0001 ${flags} ${counts.map((count) => count.toString(16).padStart(4, '0')).join('')}`;

test('the NetBIOS name service says who has which name', () => {
  assertDatagrams(nbnsDecoder, [
    {
      what: 'a query and its answer of two addresses',
      datagrams: [
        `${header('0110', 1, 0, 0, 0)} ${encoded('SERVER')} 0020 0001`,
        `< ${header('8580', 0, 1, 0, 0)} ${encoded('SERVER')} 0020 0001 00000100 000c 0000 c0000201 0000 c0000202`,
      ],
      notes: {
        'nbns.name': ['SERVER'],
        'nbns.query_host': ['SERVER'],
        'nbns.query_type': ['NB'],
        'nbns.host': ['SERVER'],
        'nbns.ip': ['192.0.2.1', '192.0.2.2'],
      },
    },
    {
      what: 'a registration whose record points to the question',
      datagrams: [
        `${header('2910', 1, 0, 0, 1)} ${encoded('\x01\x02LAN\x02', 1, '\0')} 0020 0001 c00c 0020 0001 00000000 0006 6000 c0000203`,
      ],
      notes: {
        'nbns.name': ['LAN'],
        'nbns.query_host': ['LAN'],
        'nbns.query_type': ['NB'],
        'nbns.host': ['LAN'],
        'nbns.ip': ['192.0.2.3'],
      },
    },
    {
      what: 'the status of a node',
      datagrams: [
        `${header('0000', 1, 0, 0, 0)} ${encoded('*', 0, '\0')} 0021 0001`,
        `< ${header('8400', 0, 1, 0, 0)} ${encoded('*', 0, '\0')} 0021 0001 00000000 0026 02 ${hex('HOST           \0')} 0400 ${hex('GROUP          \0')} 8400 00`,
      ],
      notes: { 'nbns.name': ['*', 'HOST', 'GROUP'], 'nbns.query_host': ['*'], 'nbns.query_type': ['NBSTAT'] },
    },
    {
      what: 'a name of DNS',
      datagrams: [`${header('0100', 1, 0, 0, 0)} 03${hex('www')}00 0001 0001`],
      notes: {},
      recognised: false,
    },
  ]);
});
