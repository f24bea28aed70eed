// The TLS decoder: whole handshakes as recorded from node:tls, a ClientHello with its fingerprints, a certificate read
// anew, and encrypted records passed over by their headers. One thread, no session table, no encoder.

import { Bench } from 'tinybench';
import type { DecoderContext } from '../src/decoders/index.ts';
import { tlsDecoder } from '../src/decoders/tls/index.ts';
import { ClientHello, parseClientHello } from '../src/decoders/tls-handshake/client-hello.ts';
import { parseCertificate } from '../src/decoders/x509/certificate.ts';
import { defaultOptions, type Step } from '../test/decoders/decoder-kit.ts';
import { chromeHello, message, record } from '../test/decoders/tls/hello-bytes.ts';
import { recordHandshake } from '../test/decoders/tls/recorded-handshake.ts';
import { rsaCertificate } from '../test/decoders/tls/test-certificates.ts';
import type { BenchResult } from './bench-result.ts';

const options = defaultOptions(tlsDecoder);
/** Segments of at most this much payload, as Ethernet carries them. */
const segmentBytes = 1448;
/** Records passed over in one task. */
const passedRecords = 32;

let emitted = 0;
const context: DecoderContext = {
  transport: 'tcp',
  clientPort: 40000,
  serverPort: 443,
  startUs: 0,
  handoverAt: 0,
  details: false,
  protocol: () => undefined,
  emit: () => {
    emitted += 1;
  },
  note: () => {},
  isClientAddress: () => false,
  anomaly: () => {},
};

interface Segment {
  readonly direction: 0 | 1;
  readonly bytes: Buffer;
}

function segments(script: readonly Step[]): Segment[] {
  const out: Segment[] = [];
  for (const step of script) {
    if (!('bytes' in step)) continue;
    for (let at = 0; at < step.bytes.length; at += segmentBytes) {
      out.push({ direction: step.direction, bytes: Buffer.from(step.bytes.subarray(at, at + segmentBytes)) });
    }
  }
  return out;
}

const skips: [number, number] = [0, 0];

/** One session from its first segment to the record, skips honoured as the stream room would. */
function decode(session: readonly Segment[]): void {
  const decoder = tlsDecoder.create(context, options);
  skips.fill(0);
  for (const { direction, bytes } of session) {
    const from = Math.min(skips[direction], bytes.length);
    skips[direction] -= from;
    if (from === bytes.length) continue;
    const answer = decoder.data(direction, bytes, from, bytes.length, 1000);
    if (answer < 0) break;
    skips[direction] = answer;
  }
  decoder.end('fin', 2000);
}

export default async function tlsBench(): Promise<BenchResult[]> {
  const tls12 = segments((await recordHandshake({ maxVersion: 'TLSv1.2' })).script);
  const tls13 = segments((await recordHandshake()).script);
  const hello = chromeHello('clientservices.googleapis.com');
  const strange = Buffer.from(hello);
  let turn = 0;
  const der = Buffer.from(rsaCertificate.replace(/-----[A-Z ]+-----|\n/g, ''), 'base64');
  const opening = record(22, message(1, hello), 0x0301);
  const header = record(23, Buffer.alloc(16_384)).subarray(0, 5);

  const bench = new Bench({ time: 400, warmupTime: 100, throws: true });
  bench
    .add('1.2', () => decode(tls12))
    .add('1.3', () => decode(tls13))
    .add('hello', () => {
      const parsed = new ClientHello();
      const offer = parseClientHello(hello, 0, hello.length, parsed);
      return offer.ja3.text + offer.ja4Over('t').text;
    })
    .add('new hello', () => {
      // Another version each time, as shuffling browsers have another order of extensions: the offer is not known.
      turn = (turn + 1) & 0xffff;
      strange.writeUInt16BE(turn, 0);
      const parsed = new ClientHello();
      const offer = parseClientHello(strange, 0, strange.length, parsed);
      return offer.ja3.text + offer.ja4Over('t').text;
    })
    .add('certificate', () => parseCertificate(der, 0, der.length))
    .add('pass', () => {
      // A client that is never answered keeps the decoder awake; the stream room honours the skips.
      const decoder = tlsDecoder.create(context, options);
      decoder.data(0, opening, 0, opening.length, 0);
      for (let index = 0; index < passedRecords; index++) decoder.data(0, header, 0, header.length, 0);
      decoder.end('fin', 0);
    });
  await bench.run();
  if (emitted === 0) throw new Error('no handshake was recorded');
  const rate = (name: string): number => {
    const result = bench.getTask(name)?.result;
    if (result === undefined || !('throughput' in result)) throw new Error(`bench ${name} gave no result`);
    return result.throughput.mean;
  };
  const bytesOf = (session: readonly Segment[]): number => session.reduce((sum, { bytes }) => sum + bytes.length, 0);
  return [
    {
      name: 'tls: handshake, TLS 1.2',
      work: `${tls12.length} segments, ${bytesOf(tls12)} bytes to the record: JA3, JA3S, JA4, one certificate known already`,
      unit: 'handshakes/s',
      value: rate('1.2'),
    },
    {
      name: 'tls: handshake, TLS 1.3',
      work: `${tls13.length} segments, ${bytesOf(tls13)} bytes to the record: JA3, JA3S, JA4`,
      unit: 'handshakes/s',
      value: rate('1.3'),
    },
    {
      name: 'tls: ClientHello',
      work: `${hello.length} bytes as Chrome sends them, read; the offer, JA3 and JA4 are known already`,
      unit: 'hellos/s',
      value: rate('hello'),
    },
    {
      name: 'tls: ClientHello, new offer',
      work: 'the same with an offer not seen before: JA3 and JA4 are worked out',
      unit: 'hellos/s',
      value: rate('new hello'),
    },
    {
      name: 'tls: certificate',
      work: `${der.length} bytes of DER read anew, SHA-1 and SHA-256`,
      unit: 'certificates/s',
      value: rate('certificate'),
    },
    {
      name: 'tls: application data',
      work: `a ClientHello and ${passedRecords} records of 16 KiB passed over by count, the headers counted`,
      unit: 'records/s',
      value: rate('pass') * passedRecords,
    },
  ];
}
