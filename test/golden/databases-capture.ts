// Databases and brokers: the beginnings of MySQL (also with TLS), PostgreSQL, Oracle, MongoDB, Redis, memcached, Cassandra, Kafka, and
// MQTT in two versions.

import { chromeHello, message, record } from '../decoders/tls/hello-bytes.ts';
import { bytes, hex, le16, le32, measured, type Part, sized8, sized16, sized32, u16, u32 } from './message-parts.ts';
import { addTalks, tcp } from './talks.ts';
import { Tap } from './tap.ts';

const zeros = (length: number): Buffer => Buffer.alloc(length);

/** A packet of MySQL: length in three bytes, number, contents. */
function mysql(sequence: number, ...parts: Part[]): Buffer {
  const body = bytes(...parts);
  return bytes(le32(body.length).subarray(0, 3), sequence, body);
}
const greeting = mysql(
  0,
  ...[10, '8.0.36-0ubuntu0.22.04.1\0', le32(11), 'abcdefgh', 0, le16(0xffff), 255, le16(2), le16(0xdfff), 21],
  ...[zeros(10), 'ijklmnopqrst\0', 'caching_sha2_password\0'],
);
const login = mysql(
  1,
  ...[le32(0x000f_a68d), le32(1 << 24), 45, zeros(23), 'App_User\0', sized8(Buffer.alloc(32, 0x5a))],
  ...['shop\0', 'caching_sha2_password\0'],
);

/** Start-up messages of PostgreSQL: length and code. */
const postgres = (code: number, text = ''): Buffer => bytes(u32(8 + text.length, code), text);
const parameters = 'user\0app\0database\0shop\0application_name\0psql\0client_encoding\0UTF8\0\0';

const descriptor =
  '(DESCRIPTION=(ADDRESS=(PROTOCOL=TCP)(HOST=db.example.com)(PORT=1521))(CONNECT_DATA=(SERVICE_NAME=orclpdb)' +
  '(CID=(PROGRAM=sqlplus)(HOST=desk)(USER=scott))))';
const connect = measured(
  0,
  ...[u16(0, 0), 1, 0, u16(0), u16(0x13b, 0x12c, 0x0c41, 8192, 0xffff, 0x7f08, 0, 1), u16(descriptor.length, 58)],
  ...[u32(0), 0x41, 0x41, zeros(24), descriptor],
);

const document = bytes('\x10hello\0', le32(1), '\x02$db\0', le32(6), 'admin\0', 0);
const mongo = bytes(le32(0), 0, le32(document.length + 4), document);
const mongoMessage = bytes(le32(16 + mongo.length, 7, 0, 2013), mongo);

/** A packet of MQTT below 128 bytes. */
const mqtt = (first: number, ...parts: Part[]): Buffer => bytes(first, sized8(...parts));

const talks = [
  tcp(3306, [1, greeting], [0, login], [1, mysql(2, hex('00 00 00 0200 0000'))], [0, mysql(0, 3, 'SELECT 1')]),
  tcp(
    3306,
    [1, greeting],
    [0, mysql(1, le32(0x000f_ae8d), le32(1 << 24), 45, zeros(23))],
    [0, record(22, message(1, chromeHello('mysql.example.com')))],
  ),
  tcp(
    5432,
    [0, postgres(80_877_103)],
    [1, 'N'],
    [0, postgres(0x30000, parameters)],
    [1, bytes('R', u32(12, 5), 'salt')],
    [0, bytes('p', u32(40), 'md50123456789abcdef0123456789abcdef\0')],
    [1, bytes('R', u32(8, 0), 'Z', u32(5), 'I')],
  ),
  tcp(
    1521,
    [0, connect],
    [1, measured(0, u16(0, 0), 2, 0, u16(0), u16(0x13b, 0x0c41, 8192, 0xffff, 0x0100, 0, 32, 0), zeros(8))],
  ),
  tcp(27_017, [0, mongoMessage], [1, bytes(le32(16 + mongo.length, 8, 7, 2013), mongo)]),
  tcp(6379, [0, '*2\r\n$4\r\nLLEN\r\n$6\r\nmylist\r\n'], [1, ':48293\r\n']),
  tcp(11_211, [0, 'set a 0 60 5\r\nhello\r\n'], [1, 'STORED\r\n'], [0, 'get a\r\n'], [1, 'VALUE a 0 5\r\nhello\r\nEND\r\n']),
  // OPTIONS of the native protocol, version 4.
  tcp(9042, [0, hex('04 00 0000 05 00000000')], [1, hex('84 00 0000 06 00000002 0000')]),
  // ApiVersions, version 0.
  tcp(9092, [0, sized32(u16(18, 0), u32(1), sized16('rdkafka'))], [1, sized32(u32(1), u16(0), u32(1), u16(18, 0, 3))]),
  tcp(
    1883,
    [0, mqtt(0x10, sized16('MQTT'), 4, 0xc2, u16(60), sized16('sensor-7'), sized16('Ann'), sized16('secret'))],
    [1, mqtt(0x20, 0, 0)],
    [0, mqtt(0x82, u16(1), sized16('home/+/temperature'), 1)],
    [1, mqtt(0x90, u16(1), 1)],
    [0, mqtt(0x32, sized16('home/attic/temperature'), u16(2), '21.5')],
    [1, mqtt(0x40, u16(2))],
    [0, mqtt(0xc0)],
    [1, mqtt(0xd0)],
    [0, mqtt(0xe0)],
  ),
  // Version 5 with properties and a will; the user is refused.
  tcp(
    1883,
    [
      0,
      mqtt(
        0x10,
        ...[sized16('MQTT'), 5, 0x86, u16(30), sized8('\x21', u16(20)), sized16('gate'), sized8('\x01\x01')],
        ...[sized16('gate/state'), sized16('gone'), sized16('Bob')],
      ),
    ],
    [1, mqtt(0x20, 0, 0x87, 0)],
  ),
];

export function databasesCapture(): Buffer {
  return addTalks(new Tap(), talks).pcap();
}
