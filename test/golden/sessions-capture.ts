// Sessions of all kinds: IPv6, VLAN and QinQ, VXLAN, GRE, fragments, ICMP, ARP, used ports used again, a connection that
// was there before the capture, a refused one, a half-open one, retransmission and reordering, bytes that nobody knows.

import { arp, EtherType, echo, ethernet, etherTypeOf, gre, type Host, ip, ipv4, Protocol, udp, vlan, vxlan } from './layers.ts';
import { Connection, client, client6, server, server6, Tap, type Wrap } from './tap.ts';

const near: Host = { mac: '02:00:5e:00:53:a1', ip: '10.255.0.1' };
const far: Host = { mac: '02:00:5e:00:53:a2', ip: '10.255.0.2' };

/** The frame between two tunnel ends, as seen on the line between them. */
const through = (from: Host, protocol: number, payload: (a: Host, b: Host) => Buffer): Buffer => {
  const [a, b] = from.ip === client.ip ? [near, far] : [far, near];
  return ethernet(a, b, EtherType.ipv4, ipv4(a, b, protocol, payload(a, b)));
};
const inVlan: Wrap = (from, to, packet) => ethernet(from, to, EtherType.vlan, vlan(100, etherTypeOf(from), packet));
const inQinq: Wrap = (from, to, packet) =>
  ethernet(from, to, EtherType.qinq, vlan(200, EtherType.vlan, vlan(30, etherTypeOf(from), packet)));
const inVxlan: Wrap = (from, to, packet) =>
  through(from, Protocol.udp, (a, b) => udp(a, 50000, b, 4789, vxlan(5001, ethernet(from, to, etherTypeOf(from), packet))));
const inGre: Wrap = (from, _to, packet) => through(from, Protocol.gre, () => gre(77, etherTypeOf(from), packet));

export function sessionsCapture(): Buffer {
  const tap = new Tap();
  const talk = (port: number, wrap?: Wrap): Connection =>
    new Connection(tap, [client, port], [server, 9000], wrap === undefined ? {} : { wrap });
  const exchange = (connection: Connection): void => connection.open().say(0, 'ping').say(1, 'pong').acknowledge(0).close();

  exchange(new Connection(tap, [client6, 43001], [server6, 9000]));
  exchange(talk(43002, inVlan));
  exchange(talk(43003, inQinq));
  exchange(talk(43004, inVxlan));
  exchange(talk(43005, inGre));
  // A datagram in three fragments, the last one first; the others around an unrelated one.
  const datagram = udp(client, 43006, server, 9001, Buffer.alloc(3000, 0x66));
  const part = (from: number, to: number): Buffer =>
    ethernet(
      client,
      server,
      EtherType.ipv4,
      ipv4(client, server, Protocol.udp, datagram.subarray(from, to), { id: 7, fragment: [from, to < datagram.length] }),
    );
  tap.frame(part(2400, datagram.length));
  tap.frame(part(0, 1200));
  tap.datagram(client, 43007, server, 9001, Buffer.from('between'));
  tap.frame(part(1200, 2400));
  // Two echoes with their replies are one session; ICMPv6 likewise; an ARP question and its answer.
  for (const sequence of [1, 2]) {
    tap.frame(ethernet(client, server, EtherType.ipv4, ip(client, server, Protocol.icmp, echo(client, server, 8, 99, sequence))));
    tap.frame(ethernet(server, client, EtherType.ipv4, ip(server, client, Protocol.icmp, echo(server, client, 0, 99, sequence))));
  }
  tap.frame(ethernet(client6, server6, EtherType.ipv6, ip(client6, server6, Protocol.icmpv6, echo(client6, server6, 128, 5, 1))));
  tap.frame(ethernet(server6, client6, EtherType.ipv6, ip(server6, client6, Protocol.icmpv6, echo(server6, client6, 129, 5, 1))));
  tap.frame(ethernet(client, 'ff:ff:ff:ff:ff:ff', EtherType.arp, arp(1, client, near)));
  tap.frame(ethernet(near, client, EtherType.arp, arp(2, near, client)));
  // The same ports twice: another session.
  exchange(talk(43008));
  tap.wait(1000);
  exchange(new Connection(tap, [client, 43008], [server, 9000], { sequences: [900_000, 700_000] }));
  // Was there before the capture; the server speaks first.
  talk(43009).say(1, 'late ').say(0, 'yes').say(1, 'still here').acknowledge(0).close();
  // Refused, never answered, reset in the middle.
  const refused = talk(43010);
  refused.synOnly();
  refused.reset(1);
  talk(43011).synOnly();
  talk(43012).open().say(0, 'half a').reset(0);
  // Sent again, and out of order.
  talk(43013).open().say(0, 'first ').again(0).swap(0, 'second ', 'third').acknowledge(1).say(1, 'all there').close();
  // Lost for good, and acknowledged.
  talk(43014).open().say(0, 'before ').lose(0, 'lost bytes ').say(0, 'after').acknowledge(1).close();
  // Acknowledged although nobody saw it; then it ends.
  talk(43016).open().lose(1, 'never seen').acknowledge(0).acknowledge(0).close();
  // One side has finished, the other goes on.
  talk(43015).open().say(0, 'ask').finish(0).acknowledge(1).say(1, 'a long answer').acknowledge(0);
  return tap.pcap();
}
