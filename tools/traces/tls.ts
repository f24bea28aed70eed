// The `tls` trace: handshakes of TLS 1.2 (RFC 5246, with a certificate in the clear) and 1.3 (RFC 8446), then encrypted records.
// What is encrypted is random. The truth is counted while the trace is made.

import { certificate, randomBytes } from './certificate.ts';
import { Connection } from './connection.ts';
import { ipv4 } from './frames.ts';
import type { PcapFile } from './pcap-file.ts';
import { Random } from './random.ts';
import { addTo, type Truth } from './truth.ts';

const epochUs = 1_760_000_000_000_000;
const servers = 300;
const words = ['atlas', 'beacon', 'cobalt', 'drift', 'echo', 'flint', 'garnet', 'harbor'];
/** Cipher suites of clients; the first is for 1.3, the last for 1.2. */
const clients = [
  [0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f],
  [0x1302, 0x1303, 0x1301, 0xc02c, 0xc030, 0xc02b, 0x009f, 0xc02f],
  [0x1301, 0x1303, 0xcca9, 0xcca8, 0xc02c, 0xc02f],
] as const;

const u8 = (...values: number[]): Buffer => Buffer.from(values);
const u16 = (...values: number[]): Buffer => Buffer.from(values.flatMap((value) => [value >> 8, value & 255]));
/** A vector with its length in one, two or three bytes. */
const vector = (sizeBytes: 1 | 2 | 3, ...parts: readonly Buffer[]): Buffer => {
  const content = Buffer.concat(parts);
  const size = Buffer.alloc(sizeBytes);
  size.writeUIntBE(content.length, 0, sizeBytes);
  return Buffer.concat([size, content]);
};
const extension = (type: number, ...parts: readonly Buffer[]): Buffer => Buffer.concat([u16(type), vector(2, ...parts)]);
const message = (type: number, ...parts: readonly Buffer[]): Buffer => Buffer.concat([u8(type), vector(3, ...parts)]);
const record = (type: number, ...parts: readonly Buffer[]): Buffer => Buffer.concat([u8(type, 3, 3), vector(2, ...parts)]);

const handshake = 22;
const changeCipherSpec = record(20, u8(1));

function clientHello(random: Random, name: string, suites: readonly number[], session: Buffer): Buffer {
  const extensions = [
    extension(0, vector(2, u8(0), vector(2, Buffer.from(name)))),
    extension(23),
    extension(10, vector(2, u16(29, 23, 24))),
    extension(11, vector(1, u8(0))),
    extension(35),
    extension(16, vector(2, vector(1, Buffer.from('h2')), vector(1, Buffer.from('http/1.1')))),
    extension(13, vector(2, u16(0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501))),
    extension(51, vector(2, u16(29), vector(2, randomBytes(random, 32)))),
    extension(45, vector(1, u8(1))),
    extension(43, vector(1, u16(0x0304, 0x0303))),
  ];
  return message(
    1,
    u16(0x0303),
    randomBytes(random, 32),
    vector(1, session),
    vector(2, u16(...suites)),
    vector(1, u8(0)),
    vector(2, ...extensions),
  );
}

function serverHello(random: Random, suite: number, session: Buffer, extensions: readonly Buffer[]): Buffer {
  const rest = [vector(1, session), u16(suite), u8(0), vector(2, ...extensions)];
  return message(2, u16(0x0303), randomBytes(random, 32), ...rest);
}

/** Records of application data; each with bytes of its own from one pool. */
function applicationData(pool: Buffer, random: Random, bytes: number): Buffer {
  const parts: Buffer[] = [];
  for (let left = bytes; left > 0; left -= 16_384) {
    const size = Math.min(left, 16_384);
    const from = random.below(pool.length - size);
    parts.push(record(23, pool.subarray(from, from + size)));
  }
  return Buffer.concat(parts);
}

/** Writes `count` connections with a handshake each, a third of them of TLS 1.2. */
export function tlsTrace(file: PcapFile, count: number, seed: number): Truth {
  const random = new Random(seed);
  const truth: Truth = { tcp_flows: count, 'version 1.2': 0, 'version 1.3': 0 };
  const pool = randomBytes(random, 1 << 16);
  const hosts = Array.from({ length: servers }, (_, index) => {
    const name = `${random.pick(words)}${index}.example`;
    return {
      name,
      certificates: vector(3, vector(3, certificate(random, name)), vector(3, certificate(random, 'Example Issuing CA 1'))),
    };
  });
  for (let flow = 0; flow < count; flow++) {
    const place = random.below(servers);
    const { name, certificates } = hosts[place] as (typeof hosts)[number];
    const client = { address: (ipv4('10.5.0.0') + 1 + (flow % 50_000)) >>> 0, port: 1024 + ((flow * 11) % 60_000) };
    const server = { address: (ipv4('198.18.5.0') + place) >>> 0, port: 443 };
    const connection = new Connection(file, client, server, epochUs + flow * 2000, [random.u32(), random.u32()]);
    const suites = random.pick(clients);
    const session = randomBytes(random, 32);
    connection.open();
    connection.send(0, record(handshake, clientHello(random, name, suites, session)));
    connection.timeUs += random.between(300, 30_000);
    if (random.chance(1 / 3)) {
      addTo(truth, 'version 1.2', 1);
      const hello = serverHello(random, suites.at(-1) as number, session, [
        extension(0xff01, u8(0)),
        extension(11, vector(1, u8(0))),
      ]);
      const exchange = [u8(3), u16(29), vector(1, randomBytes(random, 32)), u16(0x0804), vector(2, randomBytes(random, 256))];
      const messages = [hello, message(11, certificates), message(12, ...exchange), message(14)];
      connection.send(1, Buffer.concat(messages.map((each) => record(handshake, each))));
      const keys = record(handshake, message(16, vector(1, randomBytes(random, 32))));
      connection.send(0, Buffer.concat([keys, changeCipherSpec, record(handshake, randomBytes(random, 40))]));
      connection.send(1, Buffer.concat([changeCipherSpec, record(handshake, randomBytes(random, 40))]));
    } else {
      addTo(truth, 'version 1.3', 1);
      const share = extension(51, u16(29), vector(2, randomBytes(random, 32)));
      const hello = serverHello(random, suites[0], session, [extension(43, u16(0x0304)), share]);
      const encrypted = record(23, pool.subarray(0, random.between(1500, 3500)));
      connection.send(1, Buffer.concat([record(handshake, hello), changeCipherSpec, encrypted]));
      connection.send(0, Buffer.concat([changeCipherSpec, record(23, pool.subarray(0, 53))]));
    }
    connection.timeUs += random.between(100, 5000);
    connection.send(0, applicationData(pool, random, random.between(100, 1500)));
    connection.timeUs += random.between(500, 20_000);
    const answer = Math.min(100_000, Math.floor(400 / (1 - random.u32() / 0x1_0000_0000) ** 0.8));
    addTo(truth, 'answer_bytes', answer);
    connection.send(1, applicationData(pool, random, answer));
    connection.close();
  }
  truth.expect = { flow: count, tls: count };
  return truth;
}
