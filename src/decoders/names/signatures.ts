// The protocols that the sensor only names. Each entry is what the protocol's own specification, or its programs, put at the
// start of a conversation; ports only where the bytes would fit too much else.

import type { Signature } from './signature.ts';

const tcp = ['tcp'] as const;
const udp = ['udp'] as const;
const both = ['tcp', 'udp'] as const;

const u16 = (bytes: Buffer, at: number): number => ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
const u32 = (bytes: Buffer, at: number): number => u16(bytes, at) * 65_536 + u16(bytes, at + 2);
const le16 = (bytes: Buffer, at: number): number => (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
const le32 = (bytes: Buffer, at: number): number => (le16(bytes, at) | (le16(bytes, at + 2) << 16)) >>> 0;

/** A payload so long may be the beginning of a message that is longer: the least that a host has to take (RFC 9293, 3.7.1). */
const longPayload = 536;

/**
 * Are these messages, one behind the other, the last of which may go on in the next segment of a long one?
 * @param head bytes that `wholeOf` looks at
 * @param wholeOf length of the message at an offset, its head included; 0: it is none
 */
function isFramed(
  bytes: Buffer,
  from: number,
  to: number,
  head: number,
  wholeOf: (bytes: Buffer, at: number) => number,
): boolean {
  for (let at = from; at + head <= to; ) {
    const whole = wholeOf(bytes, at);
    if (whole < head) return false;
    at += whole;
    if (at === to) return true;
  }
  return to - from >= longPayload;
}

/** A Kafka request: size, API key, version, correlation id, client id (Kafka protocol guide, request header v1). */
function kafkaLength(bytes: Buffer, at: number): number {
  const size = u32(bytes, at);
  return size < 10 || size > 104_857_600 || u16(bytes, at + 4) > 92 || u16(bytes, at + 6) > 20 ? 0 : size + 4;
}

function isKafka(bytes: Buffer, from: number, to: number): boolean {
  if (!isFramed(bytes, from, to, 14, kafkaLength)) return false;
  const length = u16(bytes, from + 12);
  if (length === 0xffff) return true;
  return length <= 255 && 10 + length <= u32(bytes, from) && isWord(bytes, from + 14, Math.min(to, from + 14 + length));
}

/** Aerospike: version 2, type (info, security, message, compressed), 48 bits of length. */
function aerospikeLength(bytes: Buffer, at: number): number {
  const type = bytes[at + 1] as number;
  const size = u16(bytes, at + 2) * 2 ** 32 + u32(bytes, at + 4);
  return bytes[at] !== 2 || type < 1 || type > 4 || size > 134_217_728 ? 0 : size + 8;
}

/** A login request of iSCSI (RFC 7143 section 11.12): versions and additional headers 0, data of whole words. */
function iscsiLoginLength(bytes: Buffer, at: number): number {
  const length = u32(bytes, at + 4);
  return u16(bytes, at + 2) !== 0 || length > 16_384 ? 0 : 48 + ((length + 3) & ~3);
}

/** Operations of the MongoDB wire protocol. */
const mongoOperations = [1, 1000, 2001, 2002, 2004, 2005, 2006, 2007, 2010, 2011, 2012, 2013];

function mongoLength(bytes: Buffer, at: number): number {
  const size = le32(bytes, at);
  return size >= 16 && size <= 50_331_648 && mongoOperations.includes(le32(bytes, at + 12)) ? size : 0;
}

/** A packet line of git (gitprotocol-common): four hexadecimal digits, its length. */
function isPacketLine(bytes: Buffer, from: number): boolean {
  return /^[0-9a-f]{4}$/i.test(bytes.toString('latin1', from, from + 4));
}

/** CoAP: version 1, a token of at most 8 bytes, a code that there is (RFC 7252 section 3). */
function isCoap(bytes: Buffer, from: number, to: number): boolean {
  const [first, code] = [bytes[from] as number, bytes[from + 1] as number];
  const token = first & 15;
  if (first >> 6 !== 1 || token > 8 || 4 + token > to - from) return false;
  if (code === 0) return to - from === 4;
  return code >> 5 === 0 ? code <= 7 : [2, 4, 5, 7].includes(code >> 5);
}

/** Memcached's frame in UDP: id, number, how many, 0; then a message of either form. */
function isMemcachedDatagram(bytes: Buffer, from: number): boolean {
  const count = u16(bytes, from + 4);
  const first = bytes[from + 8] as number;
  const isText = (first >= 0x41 && first <= 0x5a) || (first >= 0x61 && first <= 0x7a);
  return u16(bytes, from + 2) < count && u16(bytes, from + 6) === 0 && (isText || first === 0x80 || first === 0x81);
}

/** MNDP of MikroTik: four zeros ask, an answer has type, length and value, the address first. */
function isMndp(bytes: Buffer, from: number, to: number): boolean {
  if (to - from < 10) return to - from === 4 && u32(bytes, from) === 0;
  return u16(bytes, from + 4) === 1 && u16(bytes, from + 6) === 6;
}

/** Thrift's strict binary protocol: version 1, a kind of message, the length of its name; framed: a length before it. */
function isThrift(bytes: Buffer, from: number, to: number): boolean {
  const kind = bytes[from + 3] as number;
  const length = u32(bytes, from + 4);
  return kind >= 1 && kind <= 4 && length <= 256 && isWord(bytes, from + 8, Math.min(to, from + 8 + length));
}

function isWord(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) {
    const byte = bytes[at] as number;
    if (byte < 0x20 || byte > 0x7e) return false;
  }
  return true;
}

/** Of Cassandra's Thrift interface. */
const cassandraCalls =
  /^(set_keyspace|login|set_cql_version|execute_(prepared_)?cql3?_query|prepare_cql3?_query|describe_\w+|get|get_slice|get_count|multiget_\w+|get_range_slices|get_indexed_slices|insert|add|batch_mutate|atomic_batch_mutate|remove|remove_counter|truncate|system_\w+)$/;

function isCassandraCall(bytes: Buffer, from: number, to: number): boolean {
  if (!isThrift(bytes, from + 4, to)) return false;
  const length = u32(bytes, from + 8);
  return from + 12 + length <= to && cassandraCalls.test(bytes.toString('latin1', from + 12, from + 12 + length));
}

/** `<PRI>` of syslog (RFC 5424 section 6.2.1, RFC 3164 section 4.1.1). */
function isSyslog(bytes: Buffer, from: number, to: number): boolean {
  let at = from + 1;
  let value = 0;
  for (; at < Math.min(to, from + 4) && (bytes[at] as number) >= 0x30 && (bytes[at] as number) <= 0x39; at += 1)
    value = value * 10 + (bytes[at] as number) - 0x30;
  return at > from + 1 && at < to && bytes[at] === 0x3e && value <= 191;
}

/** Command and version of RIP, and a zero (RFC 2453 section 4). */
function isRip(bytes: Buffer, from: number): boolean {
  const [command, version] = [bytes[from] as number, bytes[from + 1] as number];
  return (command === 1 || command === 2) && (version === 1 || version === 2) && u16(bytes, from + 2) === 0;
}

function isNetflow(bytes: Buffer, from: number): boolean {
  const count = u16(bytes, from + 2);
  return [1, 5, 6, 7, 8, 9].includes(u16(bytes, from)) && count > 0 && count < 1000;
}

export const signatures: readonly Signature[] = [
  {
    name: 'aerospike',
    transports: tcp,
    bytes: '\x02',
    least: 8,
    forms: [
      [
        { at: 0, least: 0x0201, most: 0x0204 },
        { at: 2, most: 0 },
      ],
    ],
    check: (b, f, t) => isFramed(b, f, t, 8, aerospikeLength),
  },
  { name: 'ajp', transports: tcp, bytes: ['\x12\x34\x00', '\x12\x34\x01', '\x12\x34\x02'], ports: [8009], least: 5 },
  { name: 'amqp', transports: tcp, bytes: 'AMQP' },
  { name: 'aruba-papi', transports: udp, bytes: '\x49\x72', ports: [8211] },
  { name: 'bacnet-sc', transports: tcp, bytes: 'GET /bacnet' },
  { name: 'beanstalkd', transports: tcp, bytes: ['put ', 'reserve\r\n', 'watch ', 'use '], ports: [11300] },
  {
    name: 'bitcoin',
    transports: tcp,
    bytes: ['\xf9\xbe\xb4\xd9', '\x0b\x11\x09\x07', '\xfa\xbf\xb5\xda', '\x0a\x03\xcf\x40'],
    least: 16,
  },
  {
    name: 'bittorrent',
    transports: both,
    bytes: ['\x13BitTorrent protocol', 'd1:ad2:id20:', 'd1:rd2:id20:', 'd2:ip6:', 'd1:el'],
  },
  {
    name: 'bittorrent',
    transports: udp,
    bytes: 'd1:',
    check: (b, f, t) => t - f > 16 && /[qr]\d*:|2:id20:|1:y1:/.test(b.toString('latin1', f, Math.min(t, f + 128))),
  },
  { name: 'bjnp', transports: udp, bytes: ['BJNP', 'BJNB', 'MFNP'] },
  { name: 'cassandra', transports: tcp, bytes: '\x80\x01\x00', at: 4, least: 13, check: isCassandraCall },
  {
    name: 'cassandra',
    transports: tcp,
    bytes: ['\x01\x00\x00\x05', '\x01\x00\x00\x01', '\x02\x00\x00\x05', '\x02\x00\x00\x01'],
    ports: [9042],
    least: 8,
  },
  {
    name: 'cassandra',
    transports: tcp,
    bytes: ['\x03', '\x04', '\x05'],
    ports: [9042, 9142],
    least: 9,
    check: (b, f) => [1, 5, 7, 9, 15].includes(b[f + 4] as number) && u32(b, f + 5) < 1_048_576,
  },
  { name: 'coap', transports: udp, ports: [5683], least: 4, check: isCoap },
  { name: 'cvs', transports: tcp, bytes: ['BEGIN AUTH REQUEST\n', 'BEGIN VERIFICATION REQUEST\n'] },
  { name: 'dropbox-lan-sync', transports: udp, bytes: '{"host_int"', ports: [17500] },
  {
    name: 'elasticsearch',
    transports: tcp,
    bytes: 'ES\x00',
    least: 6,
    check: (b, f, t) => isFramed(b, f, t, 6, (bytes, at) => u32(bytes, at + 2) + 6),
  },
  { name: 'fix', transports: tcp, bytes: '8=FIX' },
  { name: 'flap', transports: tcp, bytes: '\x2a\x01', least: 10, ports: [5190, 443], check: (b, f) => u16(b, f + 4) < 2048 },
  { name: 'flash-policy', transports: tcp, bytes: '<policy-file-request/>' },
  {
    name: 'gh0st',
    transports: tcp,
    bytes: '\x78\x9c',
    at: 13,
    least: 15,
    check: (b, f, t) => le32(b, f + 5) === t - f && le32(b, f + 9) < 67_108_864,
  },
  { name: 'gh0st', transports: tcp, bytes: '\x78\x9c', at: 12, least: 14, check: (b, f, t) => le32(b, f + 4) === t - f },
  {
    name: 'git',
    transports: tcp,
    bytes: ['git-upload-pack', 'git-receive-pack', 'git-upload-archive'],
    at: 4,
    check: isPacketLine,
  },
  {
    name: 'gtp',
    transports: udp,
    ports: [2123, 3386],
    least: 8,
    check: (b, f, t) => [1, 2].includes((b[f] as number) >> 5) && u16(b, f + 2) <= t - f,
  },
  { name: 'hadoop', transports: tcp, bytes: 'hrpc' },
  { name: 'hbase', transports: tcp, bytes: 'HBas\x00' },
  { name: 'hdfs', transports: tcp, bytes: ['\x00\x1c', '\x00\x1c\x50', '\x00\x1c\x51'], ports: [50_010, 9866, 1004], least: 3 },
  { name: 'hsrp', transports: udp, ports: [1985], bytes: '\x00', least: 20 },
  { name: 'hsrpv2', transports: udp, ports: [1985, 2029], bytes: '\x01\x28', least: 42 },
  // Full frames only: of media frames nothing is known (RFC 5456 section 8.1.1).
  {
    name: 'iax2',
    transports: udp,
    ports: [4569],
    least: 12,
    check: (b, f) => (b[f] as number) >= 0x80 && (b[f + 10] as number) >= 1 && (b[f + 10] as number) <= 12,
  },
  {
    name: 'ipfix',
    transports: udp,
    ports: [4739, 2055, 9995, 9996],
    bytes: '\x00\x0a',
    least: 16,
    check: (b, f, t) => u16(b, f + 2) === t - f,
  },
  { name: 'ipp', transports: tcp, bytes: 'POST /ipp' },
  {
    name: 'iscsi',
    transports: tcp,
    bytes: ['\x43\x87', '\x43\x81'],
    least: 48,
    check: (b, f, t) => isFramed(b, f, t, 48, iscsiLoginLength),
  },
  { name: 'jabber', transports: tcp, regex: /^(<\?xml[^>]*\?>\s*)?<(stream:stream|stream)\s/, bytes: '<' },
  {
    name: 'kafka',
    transports: tcp,
    bytes: '\x00',
    least: 14,
    forms: [
      [
        { at: 4, most: 92 },
        { at: 6, most: 20 },
      ],
    ],
    check: isKafka,
  },
  { name: 'ldp', transports: both, ports: [646], bytes: '\x00\x01', least: 10 },
  {
    name: 'memcached',
    transports: tcp,
    ports: [11_211],
    bytes: [
      '\x80',
      'get ',
      'gets ',
      'set ',
      'add ',
      'delete ',
      'incr ',
      'decr ',
      'stats',
      'version\r\n',
      'replace ',
      'mg ',
      'ms ',
    ],
  },
  {
    name: 'memcached',
    transports: tcp,
    regex: /^(gets? \S{1,250}|(set|add|replace|append|prepend) \S{1,250} \d+ -?\d+ \d+( noreply)?)\r\n/,
    bytes: ['get', 'set ', 'add ', 'replace ', 'append ', 'prepend '],
  },
  { name: 'memcached', transports: udp, ports: [11_211], least: 10, check: isMemcachedDatagram },
  { name: 'mndp', transports: udp, ports: [5678], least: 4, check: isMndp },
  {
    name: 'mongo',
    transports: tcp,
    least: 16,
    // The highest bytes of the length, and those of the operation.
    forms: [
      [
        { at: 3, most: 0x03ff },
        { at: 13, most: 0x07ff },
        { at: 14, most: 0 },
      ],
    ],
    check: (b, f, t) => isFramed(b, f, t, 16, mongoLength),
  },
  { name: 'nats', transports: tcp, bytes: ['INFO {"server_id"', 'CONNECT {"'] },
  { name: 'netflow', transports: udp, ports: [2055, 2056, 4432, 9555, 9995, 9996], bytes: '\x00', least: 16, check: isNetflow },
  { name: 'nntp', transports: tcp, regex: /^20[01] .*\b(NNTP|INN|InterNetNews)\b/i, bytes: '20' },
  { name: 'nsclient', transports: tcp, ports: [12_489], least: 3, regex: /^[^&\r\n]{1,64}&\d/ },
  { name: 'nsq', transports: tcp, bytes: '  V2' },
  { name: 'pjl', transports: tcp, bytes: '\x1b%-12345X' },
  { name: 'pptp', transports: tcp, bytes: '\x1a\x2b\x3c\x4d', at: 4, least: 16 },
  { name: 'radmin', transports: tcp, bytes: '\x01\x00\x00\x00\x01\x00\x00\x00\x08\x08' },
  { name: 'redis', transports: tcp, regex: /^\*\d{1,7}\r\n\$\d{1,9}\r\n/, bytes: '*' },
  {
    name: 'redis',
    transports: tcp,
    bytes: ['+PONG\r\n', '-NOAUTH ', '-DENIED Redis', '-ERR wrong number of arguments', 'PING\r\n', 'INFO\r\n'],
    ports: [6379],
  },
  { name: 'rip', transports: udp, ports: [520], least: 24, check: isRip },
  { name: 'rmi', transports: tcp, bytes: 'JRMI\x00' },
  { name: 'rsync', transports: tcp, bytes: '@RSYNCD:' },
  { name: 'rtmp', transports: tcp, ports: [1935], bytes: '\x03', least: 9 },
  {
    name: 'rtsp',
    transports: tcp,
    regex: /^([A-Z_]{3,16} rtsp:\/\/|RTSP\/1\.0 )/,
    bytes: ['OPTIONS', 'DESCRIBE', 'SETUP', 'PLAY', 'PAUSE', 'RECORD', 'TEARDOWN', 'GET_PARA', 'SET_PARA', 'RTSP/', 'ANNOUNCE'],
  },
  { name: 'safet', transports: udp, ports: [23_294] },
  {
    name: 'sflow',
    transports: udp,
    bytes: ['\x00\x00\x00\x02\x00\x00\x00', '\x00\x00\x00\x04\x00\x00\x00', '\x00\x00\x00\x05\x00\x00\x00'],
    ports: [6343],
    least: 24,
  },
  {
    name: 'skinny',
    transports: tcp,
    ports: [2000],
    least: 12,
    check: (b, f, t) => isFramed(b, f, t, 12, (bytes, at) => (le32(bytes, at + 4) <= 22 ? le32(bytes, at) + 8 : 0)),
  },
  { name: 'splunk', transports: tcp, bytes: ['--splunk-cooked-mode-v2--', '--splunk-cooked-mode-v3--'] },
  { name: 'splunk-replication', transports: tcp, bytes: '--replication-header' },
  { name: 'ssdp', transports: udp, bytes: ['M-SEARCH * HTTP/1.1', 'NOTIFY * HTTP/1.1'] },
  { name: 'ssdp', transports: udp, bytes: 'HTTP/1.1 200', ports: [1900] },
  { name: 'steam-friends', transports: both, bytes: ['VS01', 'VT01'] },
  { name: 'stomp', transports: tcp, bytes: ['CONNECT\naccept-version', 'STOMP\n', 'CONNECTED\n'] },
  { name: 'stratum', transports: tcp, regex: /"(mining\.(subscribe|authorize)|eth_submitLogin)"/, bytes: '{' },
  { name: 'svn', transports: tcp, bytes: '( success ( ' },
  { name: 'syslog', transports: udp, ports: [514], bytes: '<', check: isSyslog },
  { name: 'syslog', transports: tcp, ports: [514, 601, 1514], bytes: '<', check: isSyslog },
  { name: 'tacacs', transports: tcp, ports: [49], bytes: ['\xc0', '\xc1'], least: 12 },
  { name: 'teamviewer', transports: tcp, bytes: ['\x17\x24'], least: 4, ports: [5938] },
  { name: 'thrift', transports: tcp, bytes: '\x80\x01\x00', least: 8, check: isThrift },
  {
    name: 'thrift',
    transports: tcp,
    bytes: '\x80\x01\x00',
    at: 4,
    least: 12,
    check: (b, f, t) => u32(b, f) < 16_777_216 && isThrift(b, f + 4, t),
  },
  { name: 'valve-a2s', transports: udp, bytes: ['\xff\xff\xff\xffTSource Engine Query\x00', '\xff\xff\xff\xffI\x11'], least: 9 },
  // Questions for players and rules, and what they are answered first: a number.
  {
    name: 'valve-a2s',
    transports: udp,
    bytes: ['\xff\xff\xff\xffU', '\xff\xff\xff\xffV', '\xff\xff\xff\xffA'],
    check: (_b, f, t) => t - f === 9,
  },
  { name: 'vnc', transports: tcp, bytes: 'RFB 00' },
  { name: 'whois', transports: tcp, ports: [43] },
  { name: 'wireguard', transports: udp, bytes: '\x01\x00\x00\x00', check: (_b, f, t) => t - f === 148 },
  { name: 'wireguard', transports: udp, bytes: '\x02\x00\x00\x00', check: (_b, f, t) => t - f === 92 },
  { name: 'wudo', transports: tcp, bytes: '\x0eSwarm protocol' },
  { name: 'x11', transports: tcp, bytes: 'l\x00\x0b\x00', least: 12 },
  { name: 'x11', transports: tcp, bytes: 'B\x00\x00\x0b', least: 12 },
  { name: 'zabbix', transports: tcp, bytes: 'ZBXD\x01' },
  { name: 'zookeeper', transports: tcp, bytes: ['\x00\x00\x00\x2c\x00\x00\x00\x00', '\x00\x00\x00\x2d\x00\x00\x00\x00'] },
  { name: 'zookeeper', transports: tcp, ports: [2181], bytes: ['ruok', 'stat', 'mntr', 'srvr', 'conf', 'cons', 'envi'] },
];
