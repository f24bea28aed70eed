// The `dns` trace: UDP queries and responses of several types, with errors and queries that nobody answers.

import { type Endpoint, ipv4, udpFrame } from './frames.ts';
import type { PcapFile } from './pcap-file.ts';
import { Random } from './random.ts';
import { addTo, type Truth } from './truth.ts';

const epochUs = 1_760_000_000_000_000;
const labels = ['alder', 'brook', 'crane', 'dune', 'elm', 'finch', 'glen', 'hazel', 'iris', 'juniper'];
const zones = ['example', 'test', 'example.net', 'example.org'];
const types = [
  ['A', 1, 55],
  ['AAAA', 28, 22],
  ['TXT', 16, 4],
  ['MX', 15, 4],
  ['PTR', 12, 5],
  ['CNAME', 5, 3],
  ['SRV', 33, 2],
  ['HTTPS', 65, 5],
] as const;
const rcodes = [
  [0, 90],
  [2, 1],
  [3, 9],
] as const;

function encodeName(name: string): Buffer {
  const parts = name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  return Buffer.concat([...parts, Buffer.from([0])]);
}

function u16(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  for (const [index, value] of values.entries()) bytes.writeUInt16BE(value, index * 2);
  return bytes;
}

function recordData(type: number, random: Random): Buffer {
  const address = (): Buffer => Buffer.from([198, 51, 100, random.below(256)]);
  const name = (): Buffer => encodeName(`${random.pick(labels)}.example`);
  switch (type) {
    case 1:
      return address();
    case 28:
      return Buffer.concat([Buffer.from('20010db8', 'hex'), Buffer.alloc(8), address()]);
    case 16:
      return Buffer.concat([Buffer.from([11]), Buffer.from('v=spf1 -all')]);
    case 15:
      return Buffer.concat([u16(10), name()]);
    case 33:
      return Buffer.concat([u16(0, 5, 443), name()]);
    case 65:
      return Buffer.concat([u16(1), Buffer.from([0]), u16(1, 3), Buffer.from([2, 0x68, 0x32])]);
    default:
      return name();
  }
}

export function dnsTrace(file: PcapFile, transactions: number, seed: number): Truth {
  const random = new Random(seed);
  const truth: Truth = { queries: transactions, responses: 0, answers: 0, unanswered: 0 };
  for (let index = 0; index < transactions; index++) {
    const [typeName, type] = random.weighted(types.map(([name, code, weight]) => [[name, code] as const, weight] as const));
    const question = Buffer.concat([
      encodeName(`${random.pick(labels)}${random.below(1000)}.${random.pick(zones)}`),
      u16(type, 1),
    ]);
    const client: Endpoint = { address: (ipv4('10.9.0.0') + Math.floor(index / 60000)) >>> 0, port: 1024 + (index % 60000) };
    const server: Endpoint = { address: ipv4('10.0.0.53'), port: 53 };
    const id = random.below(65536);
    const timeUs = epochUs + index * 200;
    addTo(truth, `query ${typeName}`, 1);
    file.add(timeUs, udpFrame(client, server, Buffer.concat([u16(id, 0x0100, 1, 0, 0, 0), question])));
    if (random.chance(0.01)) {
      addTo(truth, 'unanswered', 1);
      continue;
    }
    const rcode = random.weighted(rcodes);
    const answers = rcode === 0 ? random.between(1, 4) : 0;
    addTo(truth, 'responses', 1);
    addTo(truth, 'answers', answers);
    addTo(truth, `rcode ${rcode}`, 1);
    const records = Array.from({ length: answers }, () => {
      const data = recordData(type, random);
      return Buffer.concat([u16(0xc00c, type, 1, 0, 300, data.length), data]);
    });
    const response = Buffer.concat([u16(id, 0x8180 | rcode, 1, answers, 0, 0), question, ...records]);
    file.add(timeUs + random.between(500, 40000), udpFrame(server, client, response));
  }
  truth.expect = { flow: transactions, dns: transactions, dns_messages: transactions + (truth.responses as number) };
  return truth;
}
