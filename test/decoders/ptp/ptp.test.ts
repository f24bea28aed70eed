import { test } from 'node:test';
import { ptpDecoder } from '../../../src/decoders/ptp/index.ts';
import { assertDatagrams } from '../datagram-cases.ts';

const message = (type: string, version: string, length: string): string =>
  `${type} ${version} ${length} ${'00'.repeat(16)} 0200 5eff fe00 0102 0001 0007 00 00 ${'00'.repeat(10)}`;

test('PTP says kinds of messages and clocks', () => {
  assertDatagrams(ptpDecoder, [
    {
      what: 'three messages of a clock',
      datagrams: [message('00', '02', '002c'), message('18', '12', '002c'), message('0b', '02', '002c')],
      notes: { 'ptp.message_type': ['sync', 'follow_up', 'announce'], 'ptp.clock_identity': ['02:00:5e:ff:fe:00:01:02'] },
    },
    { what: 'a reserved kind', datagrams: [message('05', '02', '002c')], notes: {}, recognised: false },
    {
      what: 'a length beyond the datagram',
      datagrams: [message('00', '02', '0040')],
      notes: { 'ptp.message_type': ['sync'], 'ptp.clock_identity': ['02:00:5e:ff:fe:00:01:02'] },
      recognised: false,
    },
  ]);
});
