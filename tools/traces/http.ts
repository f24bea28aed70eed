// The `http` trace: HTTP/1.1 on keep-alive connections with gzip, chunked and plain bodies, the usual methods and
// statuses. The truth is counted while the trace is made.

import { gzipSync } from 'node:zlib';
import { Connection } from './connection.ts';
import { ipv4 } from './frames.ts';
import type { PcapFile } from './pcap-file.ts';
import { Random } from './random.ts';
import { addTo, type Truth } from './truth.ts';

const epochUs = 1_760_000_000_000_000;
const words = ['amber', 'birch', 'cedar', 'delta', 'ember', 'fjord', 'grove', 'heron', 'inlet', 'jasper', 'kelp', 'larch'];
const agents = ['curl/8.5.0', 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0', 'okhttp/4.12.0'];
const methods = [
  ['GET', 82],
  ['POST', 11],
  ['HEAD', 3],
  ['PUT', 2],
  ['DELETE', 2],
] as const;
const statuses = [
  [200, 80],
  [204, 2],
  [302, 4],
  [304, 7],
  [404, 5],
  [500, 2],
] as const;

function body(random: Random): Buffer {
  const size = Math.min(200_000, Math.floor(200 / (1 - random.u32() / 0x1_0000_0000) ** 0.8));
  const line = `${random.pick(words)} ${random.u32()} ${random.pick(words)}\n`;
  return Buffer.from(line.repeat(Math.ceil(size / line.length)).slice(0, size));
}

function chunked(content: Buffer, random: Random): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < content.length; ) {
    const size = Math.min(content.length - at, random.between(100, 8000));
    parts.push(Buffer.from(`${size.toString(16)}\r\n`), content.subarray(at, at + size), Buffer.from('\r\n'));
    at += size;
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
}

interface Exchange {
  readonly request: Buffer;
  readonly response: Buffer;
}

function exchange(random: Random, host: string, truth: Truth): Exchange {
  const method = random.weighted(methods);
  const status = random.weighted(statuses);
  const path = `/${random.pick(words)}/${random.pick(words)}/${random.below(100000)}?id=${random.u32()}`;
  addTo(truth, `method ${method}`, 1);
  addTo(truth, `status ${status}`, 1);
  const upload =
    method === 'POST' || method === 'PUT'
      ? Buffer.from(JSON.stringify({ id: random.u32(), name: random.pick(words) }))
      : Buffer.alloc(0);
  const requestHead = [
    `${method} ${path} HTTP/1.1`,
    `Host: ${host}`,
    `User-Agent: ${random.pick(agents)}`,
    'Accept: */*',
    ...(upload.length > 0 ? ['Content-Type: application/json', `Content-Length: ${upload.length}`] : []),
  ];
  const hasBody = method !== 'HEAD' && status !== 204 && status !== 304;
  let content = hasBody ? body(random) : Buffer.alloc(0);
  const responseHead = [`HTTP/1.1 ${status} ${status === 200 ? 'OK' : 'Other'}`, 'Server: maple/1.4', 'Content-Type: text/plain'];
  if (status === 302) responseHead.push(`Location: http://${host}/${random.pick(words)}`);
  if (hasBody && random.chance(0.17)) {
    content = gzipSync(content);
    responseHead.push('Content-Encoding: gzip');
    addTo(truth, 'gzip', 1);
  }
  addTo(truth, 'response_body_bytes', content.length);
  if (hasBody && random.chance(0.17)) {
    content = chunked(content, random);
    responseHead.push('Transfer-Encoding: chunked');
    addTo(truth, 'chunked', 1);
  } else if (status !== 204) {
    responseHead.push(`Content-Length: ${hasBody ? content.length : random.below(1000)}`);
  }
  const join = (head: string[], tail: Buffer): Buffer => Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), tail]);
  return { request: join(requestHead, upload), response: join(responseHead, content) };
}

/** Writes `transactions` transactions; a connection carries up to 8. */
export function httpTrace(file: PcapFile, transactions: number, seed: number): Truth {
  const random = new Random(seed);
  const truth: Truth = { transactions, tcp_flows: 0 };
  for (let left = transactions; left > 0; ) {
    addTo(truth, 'tcp_flows', 1);
    const flow = truth.tcp_flows as number;
    const client = { address: (ipv4('10.1.0.0') + (flow % 60000)) >>> 0, port: 1024 + ((flow * 7) % 60000) };
    const server = { address: (ipv4('198.18.0.0') + random.below(200)) >>> 0, port: 80 };
    const connection = new Connection(file, client, server, epochUs + flow * 3000, [random.u32(), random.u32()]);
    const host = `${random.pick(words)}.${random.pick(words)}.example`;
    connection.open();
    for (let count = Math.min(left, random.between(1, 8)); count > 0; count--, left--) {
      const { request, response } = exchange(random, host, truth);
      connection.send(0, request);
      connection.timeUs += random.between(200, 20000);
      connection.send(1, response);
      connection.timeUs += random.between(100, 5000);
    }
    connection.close();
  }
  truth.expect = { flow: truth.tcp_flows as number, http: transactions };
  return truth;
}
