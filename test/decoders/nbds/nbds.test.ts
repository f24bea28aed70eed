import { test } from 'node:test';
import { nbdsDecoder } from '../../../src/decoders/nbds/index.ts';
import { assertDatagrams, hex } from '../datagram-cases.ts';

const name = `20${hex('CA'.repeat(16))}00`;
const datagram = (type: string, offset: string, data: string): string =>
  `${type} 02 0001 c0000201 008a 0050 ${offset} ${name} ${name} ${data}`;

test('the NetBIOS datagram service carries SMB', () => {
  assertDatagrams(nbdsDecoder, [
    { what: 'SMB', datagrams: [datagram('11', '0000', 'ff534d42 25')], notes: {}, protocols: ['smb'] },
    { what: 'a later fragment', datagrams: [datagram('11', '0100', 'ff534d42 25')], notes: {} },
    { what: 'something else', datagrams: [datagram('10', '0000', '01020304')], notes: {} },
    { what: 'a query', datagrams: [`14 00 0001 c0000201 008a ${name}`], notes: {} },
    { what: 'an error', datagrams: ['13 00 0001 c0000201 008a 82'], notes: {} },
    {
      what: 'no name',
      datagrams: ['11 02 0001 c0000201 008a 0050 0000 00 00 ff534d42'],
      notes: {},
      protocols: ['smb'],
      recognised: false,
    },
  ]);
});
