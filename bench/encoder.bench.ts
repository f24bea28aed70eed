// The ECS encoder alone, on one thread: records as the decoders emit them, of one conversation each, encoded again and
// again into the same memory. The session's facts are plain values.

import { dnsDecoder } from '../src/decoders/dns/index.ts';
import { httpDecoder } from '../src/decoders/http/index.ts';
import type { Decoder, DecoderContext, DecoderDefinition, Transport } from '../src/decoders/index.ts';
import { tlsDecoder } from '../src/decoders/tls/index.ts';
import { EcsEncoder, RecordRegistry, type RecordType } from '../src/record/index.ts';
import { asked, message, name, opt, query, response } from '../test/decoders/dns/wire.ts';
import { chromeHello, extension, message as handshake, record, serverHello, u16 } from '../test/decoders/tls/hello-bytes.ts';
import { sessionFacts } from '../test/record/session-facts-double.ts';
import type { BenchResult } from './bench-result.ts';

const msPerResult = 700;
const warmUps = 20_000;
const recordsPerRound = 1000;
const startUs = 1_760_000_000_000_000;

/** Encodes one record for a while; the time stamp changes as it does from record to record. */
function measure<R>(type: RecordType<R>, value: R, work: string): BenchResult {
  const facts = sessionFacts();
  const encoder = new EcsEncoder();
  const target = Buffer.from(new SharedArrayBuffer(1 << 16) as unknown as ArrayBuffer);
  let bytes = 0;
  let records = 0;
  const round = (count: number): void => {
    for (let index = 0; index < count; index++) {
      const end = encoder.encode(type, value, facts, startUs + index * 37, target, 0, target.length);
      if (end < 0) throw new Error('the record does not fit');
      bytes += end;
    }
    records += count;
  };
  round(warmUps);
  bytes = 0;
  records = 0;
  const beforeUs = process.cpuUsage().user;
  const untilMs = performance.now() + msPerResult;
  while (performance.now() < untilMs) round(recordsPerRound);
  const spentSeconds = (process.cpuUsage().user - beforeUs) / 1e6;
  return {
    name: `encoder: ecs, ${type.name}`,
    work: `${work}; ${Math.round(bytes / records)} bytes of JSON`,
    unit: 'records/CPU-s',
    value: records / spentSeconds,
    extra: { 'MB/s': bytes / spentSeconds / 1e6, 'ns/record': (spentSeconds * 1e9) / records },
  };
}

/** Takes what a decoder emits and measures it on the spot: it is valid during the call only. */
class Taker implements DecoderContext {
  readonly transport: Transport;
  readonly clientPort = 40000;
  readonly serverPort = 53;
  readonly startUs = startUs;
  handoverAt = 0;
  readonly results: BenchResult[] = [];
  readonly #work: string;

  constructor(transport: Transport, work: string) {
    this.transport = transport;
    this.#work = work;
  }

  emit<R>(type: RecordType<R>, value: R): void {
    this.results.push(measure(type, value, this.#work));
  }

  note(): void {}

  anomaly(anomaly: { readonly name: string }): void {
    throw new Error(`anomaly ${anomaly.name} in a clean conversation`);
  }
}

function ofDecoder(
  definition: DecoderDefinition,
  transport: Transport,
  work: string,
  client: Buffer,
  server: Buffer,
): BenchResult[] {
  const context = new Taker(transport, work);
  const properties = definition.options.properties as Record<string, { readonly default?: unknown }>;
  const options = Object.fromEntries(Object.entries(properties).map(([option, schema]) => [option, schema.default]));
  const decoder: Decoder = definition.create(context, options);
  decoder.data(0, client, 0, client.length, startUs);
  decoder.data(1, server, 0, server.length, startUs + 2000);
  decoder.end('fin', startUs + 3000);
  if (context.results.length !== 1) throw new Error(`${definition.name} emitted ${context.results.length} records`);
  return context.results;
}

const get = Buffer.from(
  'GET /shop/item/4711?session=1f3a&page=2 HTTP/1.1\r\nHost: www.example.com\r\nAccept: text/html\r\nReferer: http://www.example.com/\r\n' +
    'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36\r\n\r\n',
);
const ok = Buffer.from(
  'HTTP/1.1 200 OK\r\nServer: nginx/1.26.1\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 5\r\n\r\nhello',
);

export default async function encoderBench(): Promise<BenchResult[]> {
  const { session } = new RecordRegistry([httpDecoder, dnsDecoder, tlsDecoder]);
  const answers = [1, 2].map((last) => ({ name: asked, type: 1, ttl: 60, data: Buffer.of(203, 0, 113, last) }));
  const question = message({ id: 7, questions: [{ name: name('www.example.com'), type: 1 }], additionals: [opt(1232, 0)] });
  const hello = serverHello({ extensions: [extension(43, u16(0x0304))] });
  return [
    measure(session, sessionFacts(), 'session record of a TCP connection without notes'),
    ...ofDecoder(httpDecoder, 'tcp', 'http record of a GET with its response', get, ok),
    ...ofDecoder(
      dnsDecoder,
      'udp',
      'dns record of a query with EDNS and two addresses',
      question,
      response('www.example.com', 1, answers, 7),
    ),
    ...ofDecoder(
      dnsDecoder,
      'udp',
      'dns record of an NXDOMAIN',
      query('no.example.com', 1, 8),
      response('no.example.com', 1, [], 8, 0x8183),
    ).map((result) => ({ ...result, name: `${result.name}, NXDOMAIN` })),
    ...ofDecoder(
      tlsDecoder,
      'tcp',
      "tls record of a browser's 1.3 handshake with all its lists",
      record(22, handshake(1, chromeHello('www.example.com'))),
      record(22, handshake(2, hello)),
    ),
  ];
}

if (import.meta.main) console.table(await encoderBench(), ['name', 'unit', 'value', 'extra']);
