// Makes the golden capture and, from what the decoder says now, its expected records. Run by hand after a wanted change
// of the records (`node test/decoders/dns/golden/make.ts`); read the difference before it is committed.

import { writeFileSync } from 'node:fs';
import { type Packet, readCapture, writeCapture } from '../capture.ts';
import { asked, bytes, framed, hex, message, name, opt, pointer, query, response, text, u16, u32 } from '../wire.ts';
import { recordsOf } from './records-of.ts';

const client = '192.0.2.10';
const resolver = '198.51.100.53';
const startUs = 1_700_000_000_000_000;
const packets: Packet[] = [];

/** One side of a conversation speaks, `atUs` after the start of the capture. */
function say(atUs: number, port: number, fromClient: boolean, payload: Uint8Array, transport: 'udp' | 'tcp' = 'udp'): void {
  packets.push({
    timeUs: startUs + atUs,
    transport,
    source: fromClient ? client : resolver,
    sourcePort: fromClient ? port : 53,
    destination: fromClient ? resolver : client,
    destinationPort: fromClient ? 53 : port,
    payload,
  });
}

// A behind a CNAME, with EDNS on both sides.
const wwwQuestion = [{ name: name('www.example.com'), type: 1 }];
say(0, 40001, true, message({ id: 1, questions: wwwQuestion, additionals: [opt(1232, 0x8000, [10, hex('0102030405060708')])] }));
say(
  12_345,
  40001,
  false,
  message({
    id: 1,
    flags: 0x81a0,
    questions: wwwQuestion,
    answers: [
      { name: asked, type: 5, ttl: 3600, data: bytes(3, 'cdn', pointer(16)) },
      { name: pointer(45), type: 1, ttl: 30, data: bytes(203, 0, 113, 1) },
      { name: pointer(45), type: 1, ttl: 30, data: bytes(203, 0, 113, 2) },
    ],
    additionals: [opt(4096, 0x8000)],
  }),
);
// AAAA and HTTPS from one port, answered out of order; a retransmission.
say(20_000, 40002, true, query('svc.example.net', 28, 2));
say(20_100, 40002, true, query('svc.example.net', 65, 3));
say(1_020_000, 40002, true, query('svc.example.net', 28, 2));
const https = bytes(u16(1), 0, u16(1, 6), text('h2'), text('h3'), u16(3, 2, 8443), u16(4, 4), bytes(203, 0, 113, 9));
say(1_030_000, 40002, false, response('svc.example.net', 65, [{ name: asked, type: 65, ttl: 60, data: https }], 3));
const six = hex('20010db8000000000000000000000053');
say(1_040_000, 40002, false, response('svc.example.net', 28, [{ name: asked, type: 28, ttl: 60, data: six }], 2));
// NXDOMAIN with its SOA and an extended error; a query without a response.
const soa = {
  name: name('example.com'),
  type: 6,
  ttl: 900,
  data: bytes(name('ns.example.com'), name('hm.example.com'), u32(7, 1, 2, 3, 4)),
};
say(2_000_000, 40003, true, query('no.example.com', 1, 4));
say(
  2_001_000,
  40003,
  false,
  message({
    id: 4,
    flags: 0x8183,
    questions: [{ name: name('no.example.com'), type: 1 }],
    authorities: [soa],
    additionals: [opt(1232, 0, [15, bytes(u16(15), 'blocked')])],
  }),
);
say(3_000_000, 40004, true, query('lost.example.com', 15, 5));
// NOTIFY, and an answer with another question before the right one.
say(
  4_000_000,
  40005,
  true,
  message({ id: 6, flags: 0x2400, questions: [{ name: name('example.com'), type: 6 }], answers: [soa] }),
);
say(4_000_500, 40005, false, message({ id: 6, flags: 0xa400, questions: [{ name: name('example.org'), type: 6 }] }));
say(4_001_000, 40005, false, message({ id: 6, flags: 0xa400, questions: [{ name: name('example.com'), type: 6 }] }));
// TCP: two queries in one segment, the responses cut in three segments.
say(5_000_000, 40006, true, framed(query('t.example.com', 16, 7), query('example.com', 48, 8)), 'tcp');
const stream = framed(
  response(
    'example.com',
    48,
    [{ name: asked, type: 48, ttl: 60, data: bytes(u16(257), 3, 13, hex('00112233445566778899aabbccddeeff')) }],
    8,
  ),
  response('t.example.com', 16, [{ name: asked, type: 16, ttl: 60, data: bytes(text('v=spf1 -all'), text('"two"')) }], 7),
);
say(5_010_000, 40006, false, stream.subarray(0, 1), 'tcp');
say(5_020_000, 40006, false, stream.subarray(1, 70), 'tcp');
say(5_030_000, 40006, false, stream.subarray(70), 'tcp');
// Multicast DNS: a question and an announcement; LLMNR: a question.
const mdnsGroup = {
  transport: 'udp',
  source: client,
  sourcePort: 5353,
  destination: '224.0.0.251',
  destinationPort: 5353,
} as const;
packets.push({
  ...mdnsGroup,
  timeUs: startUs + 6_000_000,
  payload: message({ id: 0, flags: 0, questions: [{ name: name('_ipp._tcp.local'), type: 12, rrClass: 0x8001 }] }),
});
packets.push({
  ...mdnsGroup,
  timeUs: startUs + 6_100_000,
  payload: message({
    id: 0,
    flags: 0x8400,
    answers: [
      { name: name('_ipp._tcp.local'), type: 12, ttl: 4500, data: bytes(10, 'Printer 1.', asked) },
      { name: name('p.local'), type: 1, rrClass: 0x8001, ttl: 120, data: bytes(192, 0, 2, 77) },
    ],
  }),
});
packets.push({
  timeUs: startUs + 7_000_000,
  transport: 'udp',
  source: client,
  sourcePort: 40007,
  destination: '224.0.0.252',
  destinationPort: 5355,
  payload: message({ id: 9, flags: 0, questions: [{ name: name('wpad'), type: 1 }] }),
});

const capture = writeCapture(packets);
writeFileSync(new URL('dns.pcap', import.meta.url), capture);
const records = recordsOf(readCapture(capture)).map((record) => JSON.stringify(record));
writeFileSync(new URL('dns.expected.ndjson', import.meta.url), `${records.join('\n')}\n`);
