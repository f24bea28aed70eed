// The ECS encoder alone, on one thread: the records of one conversation each, encoded again and again into the same memory
// while the session engine tells of them. So the session's facts are those of a slot, and records those of a decoder.

import { dnsDecoder } from '../src/decoders/dns/index.ts';
import { httpDecoder } from '../src/decoders/http/index.ts';
import { type DecoderDefinition, Recognizer } from '../src/decoders/index.ts';
import { tlsDecoder } from '../src/decoders/tls/index.ts';
import { EcsEncoder, RecordRegistry, type RecordType, type SessionFacts } from '../src/record/index.ts';
import { RecordScribe } from '../src/scribe/index.ts';
import { defaultSessionConfig, SessionEngine, sessionCounters } from '../src/session/index.ts';
import { defaultOptions } from '../test/decoders/decoder-kit.ts';
import { asked, message, name, opt, query, response } from '../test/decoders/dns/wire.ts';
import { chromeHello, extension, message as handshake, record, serverHello, u16 } from '../test/decoders/tls/hello-bytes.ts';
import { type PacketWords, RingFeeder } from '../test/session/ring-feeder.ts';
import type { BenchResult } from './bench-result.ts';

const msPerResult = 700;
const warmUps = 50_000;
const recordsPerRound = 1000;

/** Encodes one record for a while; the time stamp changes as it does from record to record. */
function measure<R>(type: RecordType<R>, value: R, facts: SessionFacts, work: string): BenchResult {
  const encoder = new EcsEncoder(new RecordScribe());
  const target = Buffer.from(new SharedArrayBuffer(1 << 16) as unknown as ArrayBuffer);
  let bytes = 0;
  let records = 0;
  const round = (count: number): void => {
    for (let index = 0; index < count; index++) {
      const end = encoder.encode(type, value, facts, facts.startUs + index * 37, target, 0, target.length);
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

/** Plays packets to an engine; the records that are told of are measured on the spot: they are valid during the call only. */
function ofPackets(definitions: readonly DecoderDefinition[], work: string, packets: readonly PacketWords[]): BenchResult[] {
  const registry = new RecordRegistry([httpDecoder, dnsDecoder, tlsDecoder]);
  const results: BenchResult[] = [];
  const engine = new SessionEngine({
    config: defaultSessionConfig({ max_sessions: 16 }),
    counters: new Float64Array(sessionCounters.names.length),
    recognizer: new Recognizer(definitions.map((definition) => ({ definition, options: defaultOptions(definition) }))),
    sink: {
      session(facts) {
        if (definitions.length === 0) results.push(measure(registry.session, facts, facts, work));
      },
      record(type, value, facts) {
        results.push(measure(type, value, facts, work));
      },
      anomaly(anomaly) {
        throw new Error(`anomaly ${anomaly.name} in a clean conversation`);
      },
    },
  });
  const feeder = new RingFeeder();
  for (const words of packets) engine.packet(feeder.packet(words));
  engine.finish();
  if (results.length !== 1) throw new Error(`${work}: ${results.length} records`);
  return results;
}

/** A connection with what each side says once. */
function connection(port: number, client: Buffer, server: Buffer): PacketWords[] {
  const up = { dport: port };
  const down = { src: '10.0.0.2', dst: '10.0.0.1', sport: port, dport: 40000 };
  return [
    { ...up, flags: 'S', seq: 100 },
    { ...down, flags: 'SA', seq: 500, ack: 101, ms: 1 },
    { ...up, flags: 'A', seq: 101, ack: 501, ms: 2 },
    { ...up, flags: 'PA', seq: 101, ack: 501, data: client, ms: 3 },
    { ...down, flags: 'PA', seq: 501, ack: 101 + client.length, data: server, ms: 5 },
    { ...up, flags: 'FA', seq: 101 + client.length, ack: 501 + server.length, ms: 6 },
    { ...down, flags: 'FA', seq: 501 + server.length, ack: 102 + client.length, ms: 7 },
  ];
}

function datagrams(client: Buffer, server: Buffer): PacketWords[] {
  return [
    { protocol: 17, dport: 53, data: client },
    { protocol: 17, src: '10.0.0.2', dst: '10.0.0.1', sport: 53, dport: 40000, data: server, ms: 2 },
  ];
}

const get = Buffer.from(
  'GET /shop/item/4711?session=1f3a&page=2 HTTP/1.1\r\nHost: www.example.com\r\nAccept: text/html\r\nReferer: http://www.example.com/\r\n' +
    'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36\r\n\r\n',
);
const ok = Buffer.from(
  'HTTP/1.1 200 OK\r\nServer: nginx/1.26.1\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 5\r\n\r\nhello',
);

export default async function encoderBench(): Promise<BenchResult[]> {
  const answers = [1, 2].map((last) => ({ name: asked, type: 1, ttl: 60, data: Buffer.of(203, 0, 113, last) }));
  const question = message({ id: 7, questions: [{ name: name('www.example.com'), type: 1 }], additionals: [opt(1232, 0)] });
  const hello = serverHello({ extensions: [extension(43, u16(0x0304))] });
  return [
    ...ofPackets([], 'session record of a TCP connection without notes', connection(80, get, ok)),
    ...ofPackets([httpDecoder], 'http record of a GET with its response', connection(80, get, ok)),
    ...ofPackets(
      [dnsDecoder],
      'dns record of a query with EDNS and two addresses',
      datagrams(question, response('www.example.com', 1, answers, 7)),
    ),
    ...ofPackets(
      [dnsDecoder],
      'dns record of an NXDOMAIN',
      datagrams(query('no.example.com', 1, 8), response('no.example.com', 1, [], 8, 0x8183)),
    ).map((result) => ({ ...result, name: `${result.name}, NXDOMAIN` })),
    ...ofPackets(
      [tlsDecoder],
      "tls record of a browser's 1.3 handshake with all its lists",
      connection(443, record(22, handshake(1, chromeHello('www.example.com'))), record(22, handshake(2, hello))),
    ),
  ];
}

if (import.meta.main) console.table(await encoderBench(), ['name', 'unit', 'value', 'extra']);
