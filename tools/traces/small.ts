// The `small` trace: the least that packets can be. TCP connections with 6-byte segments and UDP with 18 bytes, every
// frame 60 bytes. Exact counts of packets, flows and payload.

import { Connection } from './connection.ts';
import { Flag, ipv4, udpFrame } from './frames.ts';
import type { PcapFile } from './pcap-file.ts';
import { Random } from './random.ts';
import { addTo, type Truth } from './truth.ts';

const epochUs = 1_760_000_000_000_000;
const spanUs = 60_000_000;
const frameBytes = 60;

/** Writes `flows` flows (70 % TCP) with 25 packets each on average. */
export function smallTrace(file: PcapFile, flows: number, seed: number): Truth {
  const random = new Random(seed);
  const truth: Truth = { flows, tcp_flows: 0, udp_flows: 0, payload_bytes: 0 };
  const segment = Buffer.from('ABCDEF');
  const message = Buffer.from('abcdefghijklmnopqr');
  for (let flow = 0; flow < flows; flow++) {
    const client = { address: (ipv4('10.0.0.0') + 1 + (flow >> 4)) >>> 0, port: 20000 + (flow & 15) * 1000 + random.below(1000) };
    const server = { address: (ipv4('172.16.0.0') + random.below(4096)) >>> 0, port: 30000 + (flow % 30000) };
    const startUs = epochUs + random.below(spanUs / 2);
    const rounds = 1 + Math.min(400, Math.floor(3 / (1 - random.u32() / 0x1_0000_0000) ** 0.7));
    if (flow % 10 < 7) {
      addTo(truth, 'tcp_flows', 1);
      const connection = new Connection(file, client, server, startUs, [random.u32(), random.u32()], frameBytes);
      connection.open();
      for (let round = 0; round < rounds; round++) {
        const from = random.chance(0.5) ? 0 : 1;
        connection.packet(from, Flag.ack | Flag.psh, segment);
        connection.packet(from === 0 ? 1 : 0, Flag.ack);
        connection.timeUs += random.below(2000);
      }
      addTo(truth, 'payload_bytes', rounds * segment.length);
      connection.close();
    } else {
      addTo(truth, 'udp_flows', 1);
      for (let round = 0; round < rounds; round++) {
        const [source, destination] = round === 0 || random.chance(0.5) ? [client, server] : [server, client];
        file.add(startUs + round * 1000, udpFrame(source, destination, message, frameBytes));
      }
      addTo(truth, 'payload_bytes', rounds * message.length);
    }
  }
  truth.expect = { flow: flows };
  return truth;
}
