// DNS over UDP and TCP: answers of several types, EDNS, NXDOMAIN, nobody answers, a retransmission, multicast DNS.

import { asked, bytes, framed, hex, message, name, opt, pointer, query, response, text, u16, u32 } from '../decoders/dns/wire.ts';
import type { Host } from './layers.ts';
import { Connection, client, client6, server, server6, Tap } from './tap.ts';

const answer = (type: number, ttl: number, data: Uint8Array) => ({ name: asked, type, ttl, data });

export function dnsCapture(): Buffer {
  const tap = new Tap();
  const ask = (port: number, payload: Uint8Array): void => tap.datagram(client, port, server, 53, payload);
  const tell = (port: number, payload: Uint8Array): void => tap.datagram(server, 53, client, port, payload);
  const soa = {
    name: name('example.com'),
    type: 6,
    ttl: 900,
    data: bytes(name('ns.example.com'), name('host.example.com'), u32(2025, 7200, 900, 1209600, 900)),
  };

  // An alias with two addresses, EDNS with DO and a cookie on both sides.
  const www = [{ name: name('www.example.com'), type: 1 }];
  const cookie = hex('0102030405060708');
  ask(40001, message({ id: 0x1001, questions: www, additionals: [opt(1232, 0x8000, [10, cookie])] }));
  tap.wait(12);
  tell(
    40001,
    message({
      id: 0x1001,
      flags: 0x81a0,
      questions: www,
      answers: [
        answer(5, 3600, bytes(3, 'cdn', pointer(16))),
        { name: pointer(45), type: 1, ttl: 30, data: bytes(203, 0, 113, 1) },
        { name: pointer(45), type: 1, ttl: 30, data: bytes(203, 0, 113, 2) },
      ],
      additionals: [opt(4096, 0x8000, [10, bytes(cookie, cookie)])],
    }),
  );
  // Two questions from one port, answered the other way round; the first is asked twice.
  ask(40002, query('mail.example.com', 28, 0x1002));
  ask(40002, query('example.com', 15, 0x1003));
  tap.wait(1000);
  ask(40002, query('mail.example.com', 28, 0x1002));
  tell(40002, response('example.com', 15, [answer(15, 300, bytes(u16(10), 4, 'mail', asked))], 0x1003));
  tell(40002, response('mail.example.com', 28, [answer(28, 300, hex('20010db8000000000000000000000025'))], 0x1002));
  // The name does not exist; an extended error says why.
  ask(40003, query('missing.example.com', 1, 0x1004));
  tell(
    40003,
    message({
      id: 0x1004,
      flags: 0x8183,
      questions: [{ name: name('missing.example.com'), type: 1 }],
      authorities: [soa],
      additionals: [opt(1232, 0, [15, bytes(u16(15), 'blocked')])],
    }),
  );
  // Nobody answers.
  ask(40004, query('nobody.example.com', 16, 0x1005));
  // Its answer ends in the middle of the address.
  ask(40008, query('cut.example.com', 1, 0x100d));
  tell(40008, response('cut.example.com', 1, [answer(1, 60, bytes(203, 0, 113, 3))], 0x100d).subarray(0, -2));
  // Over IPv6: a service binding, a service, a pointer, a text with a byte that is no character.
  const ask6 = (type: number, host: string, id: number, data: Uint8Array): void => {
    tap.datagram(client6, 40005, server6, 53, query(host, type, id));
    tap.datagram(server6, 53, client6, 40005, response(host, type, [answer(type, 60, data)], id));
  };
  ask6(65, 'svc.example.com', 0x1006, bytes(u16(1), 0, u16(1, 6), text('h2'), text('h3'), u16(3, 2, 8443)));
  ask6(33, '_sip._udp.example.com', 0x1007, bytes(u16(10, 60, 5060), name('sip.example.com')));
  ask6(12, '10.2.0.192.in-addr.arpa', 0x1008, bytes(name('host.example.com')));
  ask6(16, 'text.example.com', 0x1009, bytes(text('v=spf1 -all'), 3, hex('22ff5c')));
  // Over TCP, after an answer that did not fit: two questions in one segment, the answers in three.
  ask(40006, query('big.example.com', 16, 0x100a));
  tell(40006, response('big.example.com', 16, [], 0x100a, 0x8380));
  const big = answer(16, 60, bytes(text('a'.repeat(200)), text('b'.repeat(200))));
  const stream = framed(
    response('big.example.com', 16, [big], 0x100b),
    response('example.com', 6, [{ ...soa, name: asked }], 0x100c),
  );
  new Connection(tap, [client, 40007], [server, 53])
    .open()
    .say(0, framed(query('big.example.com', 16, 0x100b), query('example.com', 6, 0x100c)))
    .say(1, stream, 250)
    .acknowledge(0)
    .close();
  // Multicast: a question, and an announcement with the cache-flush bit.
  const group: Host = { mac: '01:00:5e:00:00:fb', ip: '224.0.0.251' };
  tap.datagram(
    client,
    5353,
    group,
    5353,
    message({ id: 0, flags: 0, questions: [{ name: name('_http._tcp.local'), type: 12, rrClass: 0x8001 }] }),
  );
  const announced = { name: name('printer.local'), type: 1, rrClass: 0x8001, ttl: 120, data: bytes(192, 0, 2, 30) };
  tap.datagram(
    { mac: '02:00:5e:00:53:30', ip: '192.0.2.30' },
    5353,
    group,
    5353,
    message({ id: 0, flags: 0x8400, answers: [announced] }),
  );
  return tap.pcap();
}
