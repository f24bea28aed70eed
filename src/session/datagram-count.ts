// Counts the payload of packets that are no TCP segments. Called by the session engine, for each of them.

import { PacketLayout } from '../ring/index.ts';
import { Protocol } from './protocols.ts';
import { Side } from './slot-layout.ts';

const udpHead = Protocol.udp << 16;
/** Two like datagrams so close together are one that the capture saw twice: nobody asks again so soon. */
const doubleUs = 10_000;

/** Where the fields stand in a packet record, in words. */
const R = {
  head: PacketLayout.kind >> 2,
  tcpSequence: PacketLayout.tcpSequence >> 2,
  payloadWireLength: PacketLayout.payloadWireLength >> 2,
} as const;

/**
 * Counts the payload of the packet at `at` of `record` in a side; once, when the capture saw a UDP datagram twice. Call it
 * before the time of the side's last packet is set.
 * @param words the table's, `numbers` the same as floats
 */
export function countDatagram(
  words: Int32Array,
  numbers: Float64Array,
  record: Int32Array,
  at: number,
  side: number,
  timeUs: number,
): void {
  if (((record[at + R.head] as number) & 0x00ff_0000) === udpHead) {
    const mark = record[at + R.tcpSequence] as number;
    const first = words[side + Side.top] as number;
    const second = words[side + Side.low] as number;
    const isDouble =
      mark !== 0 &&
      (mark === first || mark === second || mark === (words[side + Side.acked] as number)) &&
      timeUs - (numbers[(side + Side.lastUs) >> 1] as number) < doubleUs;
    if (isDouble) {
      words[side + Side.retransmitted] = (words[side + Side.retransmitted] as number) + 1;
      return;
    }
    words[side + Side.top] = mark;
    words[side + Side.low] = first;
    words[side + Side.acked] = second;
  }
  const payload = (side + Side.payload) >> 1;
  numbers[payload] = (numbers[payload] as number) + (record[at + R.payloadWireLength] as number);
}
