// The HTTP decoder alone, on one thread: keep-alive transactions like a browser's, each request and response head in a
// segment of its own. The decoder reads in place; its records are read field by field, as an encoder would, or dropped.

import { httpDecoder } from '../src/decoders/http/index.ts';
import type { Decoder, DecoderContext } from '../src/decoders/index.ts';
import type { RecordType } from '../src/record/index.ts';
import type { BenchResult } from './bench-result.ts';

const transactionsPerSession = 8;
const sessions = 64;
const secondsPerResult = 0.7;

/** A segment, `[from, to)` of the bytes that all lie in. */
interface Piece {
  readonly direction: 0 | 1;
  readonly from: number;
  readonly to: number;
}

/** Segments of all sessions in one buffer, as in a packet ring. */
class Wire {
  readonly bytes = Buffer.alloc(1 << 21);
  private end = 0;

  /** `segmentBytes` 0: one segment a message. */
  conversation(session: number, chunked: boolean, segmentBytes: number): Piece[] {
    const pieces: Piece[] = [];
    for (let index = 0; index < transactionsPerSession; index++) {
      for (const [direction, text] of [
        [0, requestOf(session, index)],
        [1, responseOf(session, index, chunked)],
      ] as const) {
        const size = segmentBytes === 0 ? text.length : segmentBytes;
        for (let from = 0; from < text.length; from += size) {
          const begin = this.end;
          this.end += this.bytes.write(text.slice(from, from + size), begin, 'latin1');
          pieces.push({ direction, from: begin, to: this.end });
        }
      }
    }
    return pieces;
  }
}

const agents = [
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15',
  'curl/8.8.0',
];

/** A number below `limit`, the same in every run, so that lengths and headers differ from message to message as on the wire. */
function varied(session: number, index: number, salt: number, limit: number): number {
  return (Math.imul(session * 31 + index * 7 + salt * 131 + 1, 0x9e3779b1) >>> 12) % limit;
}

function requestOf(session: number, index: number): string {
  const page = 'abcdefghijklmnopqrstuvwxyz'.slice(varied(session, index, 1, 20));
  const cookie = `Cookie: id=${'0123456789abcdef'.repeat(4)}; theme=dark; _ga=GA1.2.${varied(session, index, 2, 1e9) ** 2 % 1e9}\r\n`;
  return (
    `GET /shop/${page}/${session * 1000 + index}?session=${(session * 7919 + index).toString(16)}&page=${index} HTTP/1.1\r\n` +
    `Host: www${session % 10}.example.com\r\nUser-Agent: ${agents[session % agents.length]}\r\nAccept: text/html,application/json;q=0.9,*/*;q=0.8\r\n` +
    'Accept-Language: en-US,en;q=0.5\r\nAccept-Encoding: gzip, deflate, br\r\n' +
    `Referer: http://www.example.com/shop/${page}.html\r\n${varied(session, index, 3, 3) === 0 ? '' : cookie}Connection: keep-alive\r\n\r\n`
  );
}

function responseOf(session: number, index: number, chunked: boolean): string {
  const body = 'x'.repeat(800);
  const tag = (varied(session, index, 4, 1e9) ** 3).toString(16);
  const vary = varied(session, index, 5, 2) === 0 ? '' : 'Vary: Accept-Encoding\r\n';
  const framing = chunked ? 'Transfer-Encoding: chunked' : 'Content-Length: 800';
  return (
    `HTTP/1.1 ${index === 5 ? '404 Not Found' : '200 OK'}\r\nServer: nginx/1.26.1\r\nDate: Mon, 01 Jul 2024 10:00:00 GMT\r\n` +
    `Content-Type: text/html; charset=utf-8\r\n${framing}\r\nCache-Control: private, max-age=0\r\nETag: "${tag}"\r\n` +
    `${vary}Connection: keep-alive\r\n\r\n${chunked ? `320\r\n${body}\r\n0\r\n\r\n` : body}`
  );
}

class BenchContext implements DecoderContext {
  readonly transport = 'tcp';
  readonly clientPort = 40000;
  readonly serverPort = 80;
  readonly startUs = 0;
  handoverAt = 0;
  readonly details = false;
  records = 0;
  values = 0;
  private readonly readsFields: boolean;

  constructor(readsFields: boolean) {
    this.readsFields = readsFields;
  }

  emit<R>(type: RecordType<R>, record: R): void {
    this.records++;
    if (!this.readsFields) return;
    for (const field of type.fields) if (field.value(record) !== undefined) this.values++;
  }

  protocol(): void {}
  note(): void {
    this.values++;
  }

  isClientAddress(): boolean {
    return false;
  }

  anomaly(anomaly: { readonly name: string }): void {
    throw new Error(`anomaly ${anomaly.name} in a clean conversation`);
  }
}

function playSession(decoder: Decoder, bytes: Buffer, pieces: readonly Piece[]): void {
  let timeUs = 1;
  let skip = 0;
  let asked = 0;
  for (const { direction, from: begin, to } of pieces) {
    timeUs += 100;
    let from = begin;
    if (skip > 0) {
      from = Math.min(begin + skip, to);
      skip -= from - begin;
      if (skip === 0) decoder.skipped(direction, asked, 0, timeUs);
      if (from === to) continue;
    }
    asked = decoder.data(direction, bytes, from, to, timeUs);
    skip = asked;
  }
  decoder.end('fin', timeUs);
}

function measure(name: string, work: string, chunked: boolean, segmentBytes: number, readsFields: boolean): BenchResult {
  const wire = new Wire();
  const conversations = Array.from({ length: sessions }, (_, session) => wire.conversation(session, chunked, segmentBytes));
  const properties = httpDecoder.options.properties as Record<string, { readonly default?: unknown }>;
  const options = Object.fromEntries(Object.entries(properties).map(([option, schema]) => [option, schema.default]));
  const context = new BenchContext(readsFields);
  // As in the session room, a decoder is used again after its end.
  const decoder = httpDecoder.create(context, options);
  const round = (): void => {
    for (const pieces of conversations) {
      decoder.recycle?.(context);
      playSession(decoder, wire.bytes, pieces);
    }
  };
  for (let warm = 0; warm < 40; warm++) round();
  context.records = 0;
  const startUs = process.cpuUsage().user;
  const untilMs = performance.now() + secondsPerResult * 1000;
  while (performance.now() < untilMs) round();
  const spentUs = process.cpuUsage().user - startUs;
  return {
    name,
    work,
    unit: 'transactions/CPU-s',
    value: (context.records * 1e6) / spentUs,
    extra: { 'µs/transaction': spentUs / context.records },
  };
}

export default async function bench(): Promise<BenchResult[]> {
  const head = '8 keep-alive GETs a session, heads of 540 and 250 bytes, body of 800';
  return [
    measure('http: decode', `${head}; records dropped`, false, 0, false),
    measure('http: decode, read fields', `${head}; every field of the record read`, false, 0, true),
    measure('http: chunked', `${head}, chunked; every field read`, true, 0, true),
    measure('http: heads over segments', `${head}; segments of 200 bytes, every field read`, false, 200, true),
  ];
}
