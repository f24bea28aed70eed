import { test } from 'node:test';
import { tftpDecoder } from '../../../src/decoders/tftp/index.ts';
import { assertDatagrams, hex } from '../datagram-cases.ts';

test('TFTP says what is read and written', () => {
  assertDatagrams(tftpDecoder, [
    {
      what: 'a read request with an option, its acknowledgement, data and an error',
      datagrams: [
        `0001 ${hex('a/b.bin\0OCTET\0blksize\x001024\0')}`,
        `< 0006 ${hex('blksize\x001024\0')}`,
        '0004 0000',
        `< 0003 0001 ${hex('data')}`,
        `< 0005 0001 ${hex('gone\0')}`,
      ],
      notes: { 'tftp.opcode': ['rrq', 'oack', 'ack', 'data', 'error'], 'tftp.filename': ['a/b.bin'] },
    },
    {
      what: 'a write request with a mode that does not exist',
      datagrams: [`0002 ${hex('x\0fast\0')}`],
      notes: { 'tftp.opcode': ['wrq'], 'tftp.filename': ['x'] },
    },
    { what: 'no such opcode', datagrams: ['0007 0000'], notes: {}, recognised: false },
    { what: 'a name without an end', datagrams: [`0001 ${hex('abc')}`], notes: { 'tftp.opcode': ['rrq'] }, recognised: false },
  ]);
});
