// The `elephant` trace: one TCP connection that carries most of the packets and bytes, beside many short ones. A flow lives
// on one worker, so this is what dealing flows to workers cannot even out. The truth says how large the elephant is.

import { Connection, segmentBytes } from './connection.ts';
import { ipv4 } from './frames.ts';
import type { PcapFile } from './pcap-file.ts';
import { Random } from './random.ts';
import { addTo, type Truth } from './truth.ts';

const epochUs = 1_760_000_000_000_000;
/** Full segments of the elephant for each mouse; each second one is acknowledged. */
const segmentsPerMouse = 60;
/** Time between two segments of the elephant. */
const paceUs = 20;

/** Writes `mice` short connections and, all through them, the elephant: nine packets of ten and nearly all bytes. */
export function elephantTrace(file: PcapFile, mice: number, seed: number): Truth {
  const random = new Random(seed);
  const truth: Truth = { tcp_flows: mice + 1, mouse_payload_bytes: 0 };
  // Bytes that no protocol begins with, so that recognition is soon over and the rest is only followed.
  const segment = Buffer.alloc(segmentBytes, 0xe5);
  const segments = mice * segmentsPerMouse;
  const elephant = new Connection(
    file,
    { address: ipv4('10.3.0.1'), port: 40000 },
    { address: ipv4('198.18.3.1'), port: 9000 },
    epochUs,
    [random.u32(), random.u32()],
  );
  elephant.open();
  for (let sent = 0; sent < segments; sent++) {
    elephant.send(0, segment);
    if (sent % 2 === 1) elephant.acknowledge(1);
    elephant.timeUs += paceUs;
  }
  elephant.close();
  truth.elephant_packets = file.packets;
  truth.elephant_payload_bytes = segments * segmentBytes;
  const spanUs = elephant.timeUs - epochUs;
  const message = Buffer.from('0123456789abcdef');
  for (let mouse = 0; mouse < mice; mouse++) {
    const client = { address: (ipv4('10.4.0.0') + 1 + (mouse >> 2)) >>> 0, port: 20000 + (mouse % 40000) };
    const server = { address: (ipv4('198.18.4.0') + random.below(200)) >>> 0, port: 9001 };
    const connection = new Connection(file, client, server, epochUs + random.below(spanUs), [random.u32(), random.u32()]);
    connection.open();
    for (let round = random.between(1, 2); round > 0; round--) {
      connection.send(0, message);
      connection.send(1, message);
      addTo(truth, 'mouse_payload_bytes', 2 * message.length);
    }
    connection.close();
  }
  truth.expect = { flow: mice + 1 };
  return truth;
}
