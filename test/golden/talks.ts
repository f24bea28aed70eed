// Conversations as a table, and the capture of them: who says what over which transport to which port.

import { ethernet, etherTypeOf, type Host, ip, Protocol } from './layers.ts';
import { bytes, u16, u32 } from './message-parts.ts';
import { Connection, client, server, type Tap } from './tap.ts';

/** 0: the client. Text stands for its Latin-1 bytes. */
export type Said = readonly [side: 0 | 1, what: string | Uint8Array];

export interface Talk {
  readonly over: 'tcp' | 'udp' | 'sctp';
  readonly port: number;
  /** The client's port; 45001 and so on by default. */
  readonly from?: number;
  readonly hosts?: readonly [client: Host, server: Host];
  readonly said: readonly Said[];
}

export const tcp = (port: number, ...said: Said[]): Talk => ({ over: 'tcp', port, said });
export const udp = (port: number, ...said: Said[]): Talk => ({ over: 'udp', port, said });
export const sctp = (port: number, ...said: Said[]): Talk => ({ over: 'sctp', port, said });

const asBytes = (what: string | Uint8Array): Buffer => bytes(what);

export function addTalks(tap: Tap, talks: readonly Talk[]): Tap {
  talks.forEach(({ over, port, from, hosts = [client, server], said }, index) => {
    const clientPort = from ?? 45_001 + index;
    if (over === 'tcp') {
      const connection = new Connection(tap, [hosts[0], clientPort], [hosts[1], port]).open();
      for (const [side, what] of said) connection.say(side, what);
      connection.close();
      return;
    }
    for (const [side, what] of said) {
      const [sender, receiver] = side === 0 ? hosts : [hosts[1], hosts[0]];
      const [fromPort, toPort] = side === 0 ? [clientPort, port] : [port, clientPort];
      if (over === 'udp') tap.datagram(sender, fromPort, receiver, toPort, asBytes(what));
      else {
        const packet = sctpPacket(fromPort, toPort, asBytes(what));
        tap.frame(ethernet(sender, receiver, etherTypeOf(sender), ip(sender, receiver, Protocol.sctp, packet)));
      }
    }
  });
  return tap;
}

/** Chunks behind the common header (RFC 9260 section 3.1). */
function sctpPacket(from: number, to: number, chunks: Buffer): Buffer {
  const packet = bytes(u16(from, to), u32(0x5eed_0001, 0), chunks);
  packet.writeUInt32LE(crc32c(packet), 8);
  return packet;
}

/** RFC 9260 appendix A. */
function crc32c(data: Buffer): number {
  let crc = 0xffff_ffff;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ 0x82f6_3b78;
  }
  return ~crc >>> 0;
}
