// Signatures by name: for each what it is to fit, and what comes near and is something else.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Direction, NameMatcher, type Signature, signatures } from '../../../src/decoders/index.ts';

type Sample = string | readonly (string | number)[];

interface Case {
  /** Default TCP. */
  readonly udp?: true;
  /** Default 50000. */
  readonly client?: number;
  /** Default 9999: of no service. */
  readonly server?: number;
  readonly fits?: readonly Sample[];
  readonly not?: readonly Sample[];
}

/** Text of Latin-1; numbers are so many zeros. */
function bytesOf(sample: Sample): Buffer {
  const parts = typeof sample === 'string' ? [sample] : sample;
  return Buffer.concat(parts.map((part) => (typeof part === 'number' ? Buffer.alloc(part) : Buffer.from(part, 'latin1'))));
}

const matcher = new NameMatcher(signatures);
const met = new Set<Signature>();

function namesOf(sample: Sample, { udp, client = 50_000, server = 9999 }: Case, direction: Direction = 0): string[] {
  // In the middle of other bytes, as in a ring; what is read beyond the payload would fit too much.
  const payload = bytesOf(sample);
  const bytes = Buffer.concat([Buffer.alloc(3, 0xff), payload, Buffer.alloc(64, 0x31)]);
  const names: string[] = [];
  matcher.match(udp ? 1 : 0, direction, bytes, 3, 3 + payload.length, client, server, (signature) => {
    met.add(signature);
    names.push(signature.name);
  });
  return names;
}

const http2Settings =
  '\x00\x00\x18\x04\x00\x00\x00\x00\x00\x00\x01\x00\x00\x10\x00\x00\x03\x00\x00\x00\x64\x00\x04\x00\x00\xff\xff';
const modbusAnswer = '\x02\x01\x00\x00\x00\x05\x01\x03\x02\x00\x2a';
const dnsQuery = '\x80\x00\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x03www\x00\x00\x01\x00\x01';
const memcachedHead = '\x00\x09\x00\x00\x00\x01\x00\x00';
const esHead = 'ES\x00\x00\x00\x09';

const cases: readonly (Case & { readonly name: string })[] = [
  {
    name: 'aerospike',
    fits: [
      '\x02\x01\x00\x00\x00\x00\x00\x05node\n',
      ['\x02\x03\x00\x00\x00\x00\x00\x16', 22],
      ['\x02\x02\x00\x00\x00\x00\x00\x02', 2, '\x02\x04\x00\x00\x00\x00\x00\x01\x09'],
      ['\x02\x03\x00\x00\x00\x00\x10\x00', 600],
    ],
    not: [modbusAnswer, '\x02\x01\x00\x00\x00\x00\x00\x05node', '\x02\x05\x00\x00\x00\x00\x00\x01x', ['\x02\x01\x00\x01', 600]],
  },
  { name: 'ajp', server: 8009, fits: ['\x12\x34\x00\x01\x0a'], not: ['\x12\x34\x05\x01\x0a', '\x12\x34\x00\x01'] },
  { name: 'amqp', fits: ['AMQP\x00\x00\x09\x01'], not: ['AMQ'] },
  { name: 'aruba-papi', udp: true, server: 8211, fits: ['\x49\x72\x00\x01'], not: ['\x49\x73\x00\x01'] },
  { name: 'bacnet-sc', fits: ['GET /bacnet HTTP/1.1\r\n'], not: ['GET /bac'] },
  { name: 'beanstalkd', server: 11_300, fits: ['put 0 0 60 5\r\nhello\r\n', 'reserve\r\n'], not: ['reserved\r\n'] },
  { name: 'bitcoin', fits: [['\xf9\xbe\xb4\xd9version', 12]], not: [['\xf9\xbe\xb4\xd8version', 12]] },
  { name: 'bittorrent', fits: ['\x13BitTorrent protocol'], not: ['\x12BitTorrent protocol'] },
  { name: 'bittorrent', udp: true, fits: ['d1:ad2:id20:', 'd1:q4:ping1:t2:aa1:y1:qe'], not: ['d1:x4:aaaa1:bbbbbbbbbbbbbbbb'] },
  { name: 'bjnp', udp: true, fits: ['BJNP\x01\x01'], not: ['BJNX\x01\x01'] },
  {
    name: 'cassandra',
    fits: ['\x00\x00\x00\x25\x80\x01\x00\x01\x00\x00\x00\x0cset_keyspace\x00'],
    not: [
      '\x00\x00\x00\x25\x80\x01\x00\x01\x00\x00\x00\x0cget_keyspace\x00',
      '\x00\x00\x00\x25\x80\x01\x00\x01\x00\x00\x00\x0cset_',
    ],
  },
  {
    name: 'cassandra',
    server: 9042,
    fits: ['\x01\x00\x00\x05\x00\x00\x00\x00', '\x04\x00\x00\x00\x01\x00\x00\x00\x16'],
    not: ['\x04\x00\x00\x00\x03\x00\x00\x00\x16', '\x01\x00\x00\x06\x00\x00\x00\x00'],
  },
  {
    name: 'coap',
    udp: true,
    server: 5683,
    fits: ['\x42\x01\x12\x34ab', '\x40\x00\x12\x34'],
    not: ['\x49\x01\x12\x34', dnsQuery, '\x42\x21\x12\x34ab', '\x44\x01\x12\x34a', '\x40\x00\x12\x34x'],
  },
  { name: 'coap', udp: true, client: 5683, server: 53, not: ['\x42\x01\x12\x34ab'] },
  { name: 'cvs', fits: ['BEGIN AUTH REQUEST\n/cvs\n'], not: ['BEGIN AUTH'] },
  { name: 'dropbox-lan-sync', udp: true, server: 17_500, fits: ['{"host_int": 1}'], not: ['{"host": 1}'] },
  {
    name: 'elasticsearch',
    fits: [
      [esHead, 9],
      ['ES\x00\x00\x10\x00', 600],
    ],
    not: [[esHead, 8], 'ES\x00'],
  },
  { name: 'fix', fits: ['8=FIX.4.4\x019=5\x01'], not: ['8=FI'] },
  { name: 'flap', server: 5190, fits: [['\x2a\x01\x00\x01\x00\x04', 4]], not: [['\x2a\x01\x00\x01\x09\x04', 4]] },
  { name: 'flash-policy', fits: ['<policy-file-request/>\x00'], not: ['<policy-file>'] },
  {
    name: 'gh0st',
    fits: ['Gh0st\x13\x00\x00\x00\xff\x00\x00\x00\x78\x9c____', 'abcd\x12\x00\x00\x00\xff\x00\x00\x00\x78\x9c____'],
    not: ['Gh0st\x14\x00\x00\x00\xff\x00\x00\x00\x78\x9c____', 'abcd\x13\x00\x00\x00\xff\x00\x00\x00\x78\x9c____'],
  },
  { name: 'git', fits: ['0033git-upload-pack /project.git\x00host=a\x00'], not: ['use git-upload-pack', 'the git-upload-pack'] },
  {
    name: 'gtp',
    udp: true,
    server: 2123,
    fits: ['\x32\x01\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00', '\x48\x20\x00\x04\x00\x00\x00\x00'],
    not: ['\x72\x01\x00\x04\x00\x00\x00\x00', '\x32\x01\x01\x04\x00\x00\x00\x00'],
  },
  { name: 'hadoop', fits: ['hrpc\x09\x00\x00'], not: ['hrpx'] },
  { name: 'hbase', fits: ['HBas\x00\x50'], not: ['HBase'] },
  { name: 'hdfs', server: 50_010, fits: ['\x00\x1c\x51\x10'], not: ['\x00\x1d\x51\x10'] },
  {
    name: 'hsrp',
    udp: true,
    server: 1985,
    fits: [['\x00\x00\x10\x03', 16]],
    not: [['\x02\x00\x10\x03', 16], '\x00\x00\x10\x03'],
  },
  { name: 'hsrpv2', udp: true, server: 1985, fits: [['\x01\x28\x02', 39]], not: [['\x01\x29\x02', 39]] },
  {
    name: 'iax2',
    udp: true,
    server: 4569,
    fits: [['\x80\x01', 8, '\x06\x01']],
    not: [
      ['\x80\x01', 8, '\x0d\x01'],
      ['\x00\x01', 8, '\x06\x01'],
    ],
  },
  { name: 'ipfix', udp: true, server: 4739, fits: [['\x00\x0a\x00\x10', 12]], not: [['\x00\x0a\x00\x10', 13]] },
  { name: 'ipp', fits: ['POST /ipp/print HTTP/1.1\r\n'], not: ['POST /i'] },
  {
    name: 'iscsi',
    fits: [
      ['\x43\x87\x00\x00\x00\x00\x00\x02', 40, 'a\x00\x00\x00'],
      ['\x43\x81\x00\x00\x00\x00\x10\x00', 600],
    ],
    not: [
      ['\x43\x87\x00\x00\x00\x00\x00\x02', 40, 'a\x00'],
      ['\x43\x87ab', 44],
    ],
  },
  {
    name: 'jabber',
    fits: ["<?xml version='1.0'?><stream:stream to='a'>", '<stream:stream >'],
    not: ["<?xml version='1.0'?><html>", '<streams >'],
  },
  {
    name: 'kafka',
    fits: [
      '\x00\x00\x00\x0e\x00\x12\x00\x03\x00\x00\x00\x01\x00\x04kcat',
      '\x00\x00\x00\x0a\x00\x03\x00\x01\x00\x00\x00\x01\xff\xff',
      '\x00\x00\x00\x0a\x00\x03\x00\x01\x00\x00\x00\x01\xff\xff\x00\x00\x00\x0a\x00\x03\x00\x01\x00\x00\x00\x02\xff\xff',
      ['\x00\x01\x00\x00\x00\x00\x00\x07\x00\x00\x00\x01\x00\x01a', 600],
    ],
    not: [
      http2Settings,
      '\x00\x00\x00\x09\x00\x12\x00\x03\x00\x00\x00\x01\x00\x04',
      '\x00\x00\x00\x0e\x01\x12\x00\x03\x00\x00\x00\x01\x00\x04kcat',
      '\x00\x00\x00\x0e\x00\x12\x00\x33\x00\x00\x00\x01\x00\x04kcat',
      '\x00\x00\x00\x0e\x00\x12\x00\x03\x00\x00\x00\x01\x00\x04\x01cat',
      '\x00\x00\x00\x0e\x00\x12\x00\x03\x00\x00\x00\x01\x00\x05kcat',
      '\x00\x00\x00\x0f\x00\x12\x00\x03\x00\x00\x00\x01\x00\x04kcat',
    ],
  },
  {
    name: 'ldp',
    udp: true,
    server: 646,
    fits: ['\x00\x01\x00\x1e\x0a\x00\x00\x01\x00\x00'],
    not: ['\x00\x02\x00\x1e\x0a\x00\x00\x01\x00\x00'],
  },
  { name: 'memcached', server: 11_211, fits: ['stats\r\n', '\x80\x00\x00\x01'], not: ['quit\r\n'] },
  {
    name: 'memcached',
    fits: ['set key 0 60 5\r\nhello\r\n', 'gets a\r\n'],
    not: ['set key\r\n', 'get a b\r\n', 'get /index.html HTTP/1.0\r\n'],
  },
  {
    name: 'memcached',
    udp: true,
    server: 11_211,
    fits: [`${memcachedHead}get a\r\n`, `${memcachedHead}\x80\x00`],
    not: [dnsQuery, `${memcachedHead}\x00\x00`, '\x00\x09\x00\x02\x00\x01\x00\x00get a\r\n'],
  },
  {
    name: 'mndp',
    udp: true,
    client: 5678,
    server: 5678,
    fits: ['\x00\x00\x00\x00', '\x00\x00\x00\x01\x00\x01\x00\x06abcdef'],
    not: [dnsQuery, '\x00\x00\x00\x01'],
  },
  {
    name: 'mongo',
    fits: [['\x14\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\xdd\x07\x00\x00', 4]],
    not: [
      ['\x14\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\xde\x07\x00\x00', 4],
      ['\x15\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\xdd\x07\x00\x00', 4],
    ],
  },
  {
    name: 'nats',
    fits: ['INFO {"server_id":"N"}\r\n', 'CONNECT {"verbose":false}\r\n'],
    not: ['INFO\r\n', 'CONNECT a:443 HTTP/1.1'],
  },
  {
    name: 'netflow',
    udp: true,
    server: 2055,
    fits: [
      ['\x00\x05\x00\x01', 20],
      ['\x00\x09\x00\x02', 20],
    ],
    not: [
      ['\x00\x04\x00\x01', 20],
      ['\x00\x05\x00\x00', 20],
    ],
  },
  { name: 'nntp', fits: ['200 news.example InterNetNews server INN 2.5\r\n'], not: ['200 OK\r\n', '220 NNTP'] },
  { name: 'nsclient', server: 12_489, fits: ['None&1\r\n'], not: ['None\r\n&1'] },
  { name: 'nsq', fits: ['  V2'], not: ['  V1'] },
  { name: 'pjl', fits: ['\x1b%-12345X@PJL'], not: ['\x1b%-1234X'] },
  { name: 'pptp', fits: [['\x00\x9c\x00\x01\x1a\x2b\x3c\x4d', 8]], not: ['\x00\x9c\x00\x01\x1a\x2b\x3c\x4d'] },
  { name: 'radmin', fits: ['\x01\x00\x00\x00\x01\x00\x00\x00\x08\x08'], not: ['\x01\x00\x00\x00\x01\x00\x00\x00\x08\x09'] },
  { name: 'redis', fits: ['*1\r\n$4\r\nPING\r\n'], not: ['*1\r\n:4\r\n', '*\r\n$4\r\n'] },
  { name: 'redis', server: 6379, fits: ['+PONG\r\n', 'PING\r\n'], not: ['PONG\r\n'] },
  {
    name: 'rip',
    udp: true,
    client: 520,
    server: 520,
    fits: [['\x02\x02\x00\x00', 20]],
    not: [
      ['\x03\x02\x00\x00', 20],
      ['\x02\x02\x00\x01', 20],
    ],
  },
  { name: 'rmi', fits: ['JRMI\x00\x02\x4b'], not: ['JRMI'] },
  { name: 'rsync', fits: ['@RSYNCD: 31.0\n'], not: ['@RSYNC'] },
  { name: 'rtmp', server: 1935, fits: [['\x03', 8]], not: ['\x03', ['\x04', 8]] },
  {
    name: 'rtsp',
    fits: [
      'OPTIONS rtsp://a/ RTSP/1.0\r\n',
      'RTSP/1.0 200 OK\r\n',
      'TEARDOWN rtsp://a/ RTSP/1.0\r\n',
      'SET_PARAMETER rtsp://a/ RTSP/1.0\r\n',
    ],
    not: ['OPTIONS sip:a SIP/2.0\r\n', 'RTSP/2.0 200'],
  },
  { name: 'safet', udp: true, server: 23_294, fits: ['x'] },
  { name: 'safet', udp: true, client: 23_294, server: 53, not: [dnsQuery] },
  {
    name: 'sflow',
    udp: true,
    server: 6343,
    fits: [['\x00\x00\x00\x05\x00\x00\x00\x01', 16]],
    not: [['\x00\x00\x00\x03\x00\x00\x00\x01', 16]],
  },
  {
    name: 'skinny',
    server: 2000,
    fits: ['\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00'],
    not: ['\x05\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00', '\x04\x00\x00\x00\x17\x00\x00\x00\x00\x00\x00\x00'],
  },
  { name: 'splunk', fits: ['--splunk-cooked-mode-v3--\x00'], not: ['--splunk-cooked-mode-v4--'] },
  { name: 'splunk-replication', fits: ['--replication-header'], not: ['--replication'] },
  {
    name: 'ssdp',
    udp: true,
    server: 1900,
    fits: ['M-SEARCH * HTTP/1.1\r\n', 'NOTIFY * HTTP/1.1\r\n', 'HTTP/1.1 200 OK\r\n'],
    not: ['SUBSCRIBE * HTTP/1.1\r\n'],
  },
  { name: 'steam-friends', udp: true, fits: ['VS01\x00'], not: ['VS02\x00'] },
  {
    name: 'stomp',
    fits: ['CONNECT\naccept-version:1.2\n', 'STOMP\n', 'CONNECTED\nversion:1.2\n'],
    not: ['CONNECT a:443 HTTP/1.1'],
  },
  { name: 'stratum', fits: ['{"id":1,"method":"mining.subscribe"}\n'], not: ['{"id":1,"method":"subscribe"}\n'] },
  { name: 'svn', fits: ['( success ( 2 2 ( ) ( edit-pipeline ) ) ) '], not: ['( failure ( '] },
  { name: 'syslog', udp: true, server: 514, fits: ['<191>x', '<0>x'], not: ['<192>x', '<>x', '<1234>x', '<13'] },
  { name: 'syslog', server: 514, fits: ['<13>1 - '], not: ['<a>'] },
  { name: 'tacacs', server: 49, fits: [['\xc0\x01', 10]], not: [['\xd0\x01', 10]] },
  { name: 'teamviewer', server: 5938, fits: ['\x17\x24\x0a\x20'], not: ['\x17\x24\x0a'] },
  {
    name: 'thrift',
    fits: ['\x80\x01\x00\x01\x00\x00\x00\x04ping\x00', '\x00\x00\x00\x0d\x80\x01\x00\x03\x00\x00\x00\x04ping\x00'],
    not: [
      '\x80\x01\x00\x05\x00\x00\x00\x04ping',
      '\x80\x01\x00\x01\x00\x00\x00\x04pi\x01g',
      '\x80\x01\x00\x01\x00\x00\x00\x09pi\x01',
      '\x80\x01\x00\x01\x00\x00\x02\x04ping',
    ],
  },
  {
    name: 'valve-a2s',
    udp: true,
    fits: [
      '\xff\xff\xff\xffTSource Engine Query\x00',
      '\xff\xff\xff\xffI\x11srv\x00',
      '\xff\xff\xff\xffU\x00\x00\x00\x00',
      '\xff\xff\xff\xffA\x01\x02\x03\x04',
    ],
    not: ['\xff\xff\xff\xffUpdate now', '\xff\xff\xff\xffI\x12srv\x00'],
  },
  { name: 'vnc', fits: ['RFB 003.008\n'], not: ['RFB 1'] },
  { name: 'whois', server: 43, fits: ['example.org\r\n'] },
  {
    name: 'wireguard',
    udp: true,
    fits: [
      ['\x01', 147],
      ['\x02', 91],
    ],
    not: [
      ['\x01', 146],
      ['\x02', 92],
      ['\x01\x00\x00\x01', 144],
    ],
  },
  { name: 'wudo', fits: ['\x0eSwarm protocol'], not: ['\x0fSwarm protocol'] },
  {
    name: 'x11',
    fits: [
      ['l\x00\x0b\x00', 8],
      ['B\x00\x00\x0b', 8],
    ],
    not: [['l\x00\x0a\x00', 8]],
  },
  { name: 'zabbix', fits: ['ZBXD\x01\x00'], not: ['ZBXD\x02\x00'] },
  { name: 'zookeeper', fits: ['\x00\x00\x00\x2d\x00\x00\x00\x00'], not: ['\x00\x00\x00\x2e\x00\x00\x00\x00'] },
  { name: 'zookeeper', server: 2181, fits: ['ruok'], not: ['quit'] },
];

test('signatures fit what they are for, and not what comes near', () => {
  for (const { name, fits = [], not = [], ...setting } of cases) {
    for (const sample of fits) assert.ok(namesOf(sample, setting).includes(name), `${name}: ${JSON.stringify(sample)}`);
    for (const sample of not) assert.ok(!namesOf(sample, setting).includes(name), `not ${name}: ${JSON.stringify(sample)}`);
  }
  assert.deepEqual(
    signatures.filter((signature) => !met.has(signature)).map(({ name }) => name),
    [],
    'signatures without a sample',
  );
});

test('signatures with ports want the port of the server, or the lower one', () => {
  const sample = '\x49\x72\x00\x01';
  const named = (client: number, server: number): boolean => namesOf(sample, { udp: true, client, server }).length > 0;
  assert.deepEqual(
    [named(40_000, 8211), named(8211, 8211), named(8211, 40_000), named(8211, 53), named(1, 2)],
    [true, true, true, false, false],
  );
});

test('what other protocols begin with has no name of another', () => {
  const others: readonly [Sample, Case][] = [
    [http2Settings, {}],
    [modbusAnswer, { server: 502 }],
    [dnsQuery, { udp: true, server: 53, client: 11_211 }],
    ['\x16\x03\x01\x00\xf4\x01\x00\x00\xf0\x03\x03', { server: 443 }],
    ['GET / HTTP/1.1\r\nHost: a\r\n\r\n', { server: 80 }],
    ['SSH-2.0-OpenSSH_9.6\r\n', { server: 22 }],
    ['220 mail.example ESMTP\r\n', { server: 25 }],
    [['\x00\x00\x00\x2f\xffSMB\x72', 40], { server: 445 }],
    ['\x03\x00\x00\x0b\x06\xe0\x00\x00\x00\x00\x00', { server: 3389 }],
  ];
  for (const [sample, setting] of others) assert.deepEqual(namesOf(sample, setting), [], JSON.stringify(sample));
});

test('a direction, and a payload that ends anywhere, never make it throw', () => {
  const one: Signature = { name: 'one', transports: ['tcp'], bytes: 'ab', direction: 1 };
  const found: string[] = [];
  for (const direction of [0, 1] as const)
    new NameMatcher([one]).match(0, direction, Buffer.from('abc'), 0, 3, 1, 2, ({ name }) => found.push(`${name} ${direction}`));
  assert.deepEqual(found, ['one 1']);
  for (const { fits = [], name: _name, not: _not, ...setting } of cases)
    for (const sample of fits) {
      const whole = bytesOf(sample).toString('latin1');
      for (let length = 0; length < Math.min(whole.length, 80); length += 1) namesOf(whole.slice(0, length), setting);
    }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat({ max: 2 }), fc.nat({ max: 65_535 }), (bytes, transport, port) => {
      matcher.match(transport, 0, Buffer.from(bytes), 0, bytes.length, port, port, () => {});
    }),
    { numRuns: 500, seed: 5 },
  );
});
