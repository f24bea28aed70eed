// First payloads for tests of recognition: what decoders and signatures are for, cut and changed so that it nearly is that, and
// what nobody is for.

import fc from 'fast-check';
import { signatures } from '../../src/decoders/index.ts';
import { framed, message, name, query, response, u16 } from './dns/wire.ts';

const header = (id: number, flags: number, ...counts: number[]): Buffer => u16(id, flags, ...counts);

/** DNS messages, and what the probe takes for such on its ports. */
const dnsMessages: readonly Buffer[] = [
  query('example.org', 1),
  response('example.org', 1, [{ name: name('example.org'), type: 1, data: Buffer.from([192, 0, 2, 1]) }]),
  message({ flags: 0x8183, questions: [{ name: name('no.example'), type: 28 }] }),
  // Without a question: an error, DNS stateful operations, a first record.
  header(7, 0x8182, 0, 0, 0, 0),
  header(7, 0x3000, 0, 0, 0, 0),
  message({ flags: 0x8400, answers: [{ name: name('a.local'), type: 1, data: Buffer.from([192, 0, 2, 1]) }] }),
  // Many questions, and more than are believed.
  Buffer.concat([header(1, 0, 64, 0, 0, 8192), Buffer.alloc(400, 7)]),
  Buffer.concat([header(1, 0, 65, 0, 0, 8193), Buffer.alloc(400, 7)]),
];

/** What signatures look for, with zeros before and behind. */
const signed: readonly Buffer[] = signatures.flatMap(({ bytes, at = 0, least = 0 }) =>
  [bytes ?? []].flat().map((text) => {
    const payload = Buffer.alloc(Math.max(least, at + text.length + 4));
    payload.write(text, at, 'latin1');
    return payload;
  }),
);

const nfsCall = Buffer.concat([Buffer.from([1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1, 0x86, 0xa3]), Buffer.alloc(24)]);

/** Heads of binary protocols whose signatures or probes go by numbers. */
const binary: readonly Buffer[] = [
  // MongoDB, little endian: length 16, request, answer to, operation 2013.
  Buffer.from([16, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0xdd, 7, 0, 0]),
  Buffer.concat([Buffer.from([0, 0, 0, 3, 1, 2, 3, 4, 5, 6, 7, 8, 1, 0, 0, 0]), Buffer.alloc(600, 1)]),
  // Kafka: size 14, key 92, version 20, correlation, no client id; Aerospike: version 2, type 4, 3 bytes.
  Buffer.from([0, 0, 0, 10, 0, 92, 0, 20, 0, 0, 0, 1, 0xff, 0xff]),
  Buffer.from([2, 4, 0, 0, 0, 0, 0, 3, 1, 2, 3]),
  Buffer.from([2, 1, 0, 0, 0, 0, 0, 0]),
  // Modbus, a TLS alert, a hello.
  Buffer.from([0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0, 10]),
  Buffer.from([21, 3, 3, 0, 2, 2, 40]),
  Buffer.from('16030100660100006203036dc3f1', 'hex'),
  // A greeting of MySQL; Oracle's connect packet of version 310; a call of NFS by itself, and behind the mark of its fragment.
  Buffer.concat([Buffer.from([30, 0, 0, 0, 10]), Buffer.from('8.0.1\0'), Buffer.alloc(24, 1)]),
  Buffer.concat([Buffer.from([0, 40, 0, 0, 1, 0, 0, 0, 1, 54, 1, 44]), Buffer.alloc(28)]),
  nfsCall,
  Buffer.concat([Buffer.from([0x80, 0, 0, 40]), nfsCall]),
];

const texts: readonly Buffer[] = ['GET / HTTP/1.1\r\nHost: a\r\n\r\n', 'HTTP/1.1 200 OK\r\n\r\n', 'hello there\n', '{"a":1}'].map(
  (text) => Buffer.from(text),
);

/** Payloads whose numbers decide. */
export const numberedSamples: readonly Buffer[] = [
  ...dnsMessages,
  ...dnsMessages.map((each) => framed(each)),
  ...binary,
  Buffer.alloc(64),
  Buffer.alloc(64, 0xff),
];

/** Payloads from which others are made. */
export const samples: readonly Buffer[] = [...numberedSamples, ...signed, ...texts];

/** Values of a byte at which conditions turn. */
export const edges: readonly number[] = [
  0, 1, 2, 3, 4, 7, 8, 11, 12, 13, 20, 21, 0x1f, 0x20, 0x21, 0x3f, 0x40, 0x41, 92, 93, 0x80, 0xff,
];

const changed = fc
  .tuple(
    fc.constantFrom(...samples),
    fc.array(fc.tuple(fc.nat({ max: 40 }), fc.oneof(fc.constantFrom(...edges), fc.nat({ max: 255 }))), { maxLength: 3 }),
    fc.oneof({ weight: 3, arbitrary: fc.constant(1000) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 24 }) }),
  )
  .map(([sample, changes, most]) => {
    const payload = Buffer.from(sample);
    for (const [at, value] of changes) if (at < payload.length) payload[at] = value;
    return payload.subarray(0, most);
  });

/** Any payload of at least a byte. */
export const payloads: fc.Arbitrary<Buffer> = fc.oneof(
  { weight: 6, arbitrary: changed },
  { weight: 2, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 60 }).map((bytes) => Buffer.from(bytes)) },
  {
    weight: 1,
    arbitrary: fc.array(fc.constantFrom(0, 0, 0, 1, 12, 64), { minLength: 1, maxLength: 40 }).map((each) => Buffer.from(each)),
  },
);

/** Ports of clients and servers, those of DNS, of signatures, and of nobody. */
export const portPairs: fc.Arbitrary<readonly [number, number]> = fc.tuple(
  fc.constantFrom(40_000, 53, 5683, 2181),
  fc.constantFrom(9999, 53, 5353, 80, 520, 2055, 2123, 5683, 8009, 9042, 11_211, 12_489, 27_017),
);
