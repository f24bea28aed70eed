import { test } from 'node:test';
import { snmpDecoder } from '../../../src/decoders/snmp/index.ts';
import { assertDatagrams, hex } from '../datagram-cases.ts';

/** A tag, and the contents in order. */
const item = (tag: string, ...contents: string[]): string => {
  const bytes = contents.join('').replaceAll(' ', '');
  const length = bytes.length / 2;
  return tag + (length < 128 ? length.toString(16).padStart(2, '0') : `82${length.toString(16).padStart(4, '0')}`) + bytes;
};
const one = item('02', '01');
const sysName = item('06', '2b06 0102 0101 0500');
const variable = (name: string, value: string): string => item('30', name, value);
const message = (version: string, pdu: string): string => item('30', item('02', version), item('04', hex('public')), pdu);
const pdu = (tag: string, status: string, ...variables: string[]): string =>
  item(tag, one, item('02', status), item('02', '00'), item('30', ...variables));
const version3 = (flags: string, user: string): string =>
  item(
    '30',
    item('02', '03'),
    item('30', one, item('02', '7fff'), item('04', flags), item('02', '03')),
    item('04', item('30', item('04', '8000 0001 02'), one, one, item('04', hex(user)), item('04', ''), item('04', ''))),
    item('04', '00'.repeat(200)),
  );

test('SNMP says what is asked by what right', () => {
  assertDatagrams(snmpDecoder, [
    {
      what: 'versions 1 and 2c',
      datagrams: [
        message('00', pdu('a0', '00', variable(sysName, '0500'))),
        `< ${message('00', pdu('a2', '02', variable(sysName, '0500')))}`,
        message('01', pdu('a5', '02', variable(sysName, '0500'))),
      ],
      notes: {
        'snmp.version': [1, 2],
        'snmp.community': ['public'],
        'snmp.type': ['GetRequest', 'GetResponse', 'GetBulkRequest'],
        'snmp.error': ['noSuchName'],
        'snmp.variable': ['1.3.6.1.2.1.1.5.0'],
      },
    },
    {
      what: 'traps',
      datagrams: [
        message(
          '00',
          item('a4', item('06', '2b06010401 8937'), item('40', 'c0000201'), item('02', '06'), one, item('43', '00'), item('30')),
        ),
        message('01', pdu('a7', '00', variable(item('06', '2b06 0106 0301 0104 0100'), item('06', '2b06 0106 0301 0105 03')))),
      ],
      notes: {
        'snmp.version': [1, 2],
        'snmp.community': ['public'],
        'snmp.type': ['Trap', 'SNMPv2-Trap'],
        'snmp.trap_oid': ['1.3.6.1.4.1.1207', '1.3.6.1.6.3.1.1.5.3'],
        'snmp.variable': ['1.3.6.1.6.3.1.1.4.1.0'],
      },
    },
    {
      what: 'version 3',
      datagrams: [version3('07', 'Operator'), version3('01', ''), version3('02', '')],
      notes: {
        'snmp.version': [3],
        'snmp.security_level': ['authPriv', 'authNoPriv'],
        'snmp.engine_id': ['8000000102'],
        'related.user': ['operator'],
      },
    },
    {
      what: 'no PDU, then an item that claims more than is there',
      datagrams: [message('01', item('02', '05')), message('01', pdu('a1', '00', '30200608 2b06 0102 0101 0500 0500'))],
      notes: {
        'snmp.version': [2],
        'snmp.community': ['public'],
        'snmp.type': ['GetNextRequest'],
        'snmp.variable': ['1.3.6.1.2.1.1.5.0'],
      },
    },
    { what: 'no such version', datagrams: [message('02', pdu('a0', '00'))], notes: {}, recognised: false },
  ]);
});
