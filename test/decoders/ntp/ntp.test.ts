import { test } from 'node:test';
import { ntpDecoder } from '../../../src/decoders/ntp/index.ts';
import { assertDatagrams, hex } from '../datagram-cases.ts';

const rest = '00'.repeat(32);

test('NTP says versions, modes, strata and references', () => {
  assertDatagrams(ntpDecoder, [
    {
      what: 'a client and a server of stratum 2',
      datagrams: [`e3 00 06 e9 00000000 00000000 ${hex('INIT')} ${rest}`, `< 24 02 06 e9 00000000 00000000 c0000202 ${rest}`],
      notes: {
        'ntp.version': [4],
        'ntp.mode': ['client', 'server'],
        'ntp.stratum': ['unspecified', 'secondary'],
        'ntp.reference_id': ['INIT', '192.0.2.2'],
      },
    },
    {
      what: 'a primary server, one that is not synchronized, and one of a stratum that does not exist',
      datagrams: [
        `1c 01 0000 00000000 00000000 ${hex('GPS')}00 ${rest}`,
        `1d 10 0000 00000000 00000000 01020304 ${rest}`,
        `1d ff 0000 00000000 00000000 00000000 ${rest}`,
      ],
      notes: {
        'ntp.version': [3],
        'ntp.mode': ['server', 'broadcast'],
        'ntp.stratum': ['primary', 'unsynchronized', 'reserved'],
        'ntp.reference_id': ['GPS', '1.2.3.4'],
      },
    },
    {
      what: 'control and private messages',
      datagrams: ['16 02 0001 0000 0000 0000 0000', '17 00 03 2a 00000000'],
      notes: { 'ntp.version': [2], 'ntp.mode': ['control', 'private'] },
    },
    {
      what: 'no version',
      datagrams: [`03 00 ${'00'.repeat(46)}`],
      notes: { 'ntp.version': [0], 'ntp.mode': ['client'], 'ntp.stratum': ['unspecified'] },
      recognised: false,
    },
  ]);
});
