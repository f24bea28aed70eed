// Seeds out of capture files (pcap, microseconds, Ethernet): their conversations, for the decoders, and their packets, for the session engine.
// The golden captures are always among them.

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Direction, Transport } from '../../src/decoders/index.ts';
import type { PacketView } from '../../src/packet/index.ts';
import { RingFeeder } from '../../test/session/ring-feeder.ts';
import { root } from '../step.ts';

/** Packets of a capture and conversations of all of them that are used; more would only repeat. */
const maxPackets = 20_000;
const maxConversations = 500;
/** Of frames that are not IP, by capture. */
const maxFrames = 50;

const transports = new Map<number, Transport>([
  [6, 'tcp'],
  [17, 'udp'],
  [132, 'sctp'],
]);
const sctpHeaderBytes = 12;
const etherHeaderBytes = 14;
/** Below it is the length of an IEEE 802.3 frame. */
const leastEtherType = 0x600;

export interface SeenPacket {
  readonly direction: Direction;
  readonly sequence: number;
  readonly acknowledgement: number;
  readonly flags: number;
  readonly payload: Buffer;
}

export interface Conversation {
  readonly transport: Transport;
  /** IP protocol number; for `ethernet` the EtherType, 0 where a length stands in its place. */
  readonly protocol: number;
  readonly serverPort: number;
  readonly packets: SeenPacket[];
}

export function goldenCaptures(): string[] {
  return globSync('test/golden/*.pcap', { cwd: root })
    .sort()
    .map((path) => join(root, path));
}

export function conversationsOf(paths: readonly string[]): Conversation[] {
  const all: Conversation[] = [];
  for (const path of [...goldenCaptures(), ...paths]) {
    const open = new Map<string, { readonly conversation: Conversation; readonly client: string }>();
    let packets = 0;
    for (const view of new RingFeeder().pcap(path)) {
      if (++packets > maxPackets || all.length >= maxConversations) break;
      const payload = Buffer.from(view.bytes.subarray(view.payloadStart, view.payloadStart + view.payloadLength));
      const { protocol } = view;
      const transport = transports.get(protocol) ?? 'ip';
      // The feeder reads ports of TCP and UDP only.
      const ports =
        transport === 'sctp' ? [payload.readUInt16BE(0), payload.readUInt16BE(2)] : [view.sourcePort, view.destinationPort];
      const [source, destination] = [endpoint(view, true, ports[0]), endpoint(view, false, ports[1])];
      const key = [protocol, ...[source, destination].sort()].join(' ');
      let known = open.get(key);
      if (known === undefined) {
        const conversation = { transport, protocol, serverPort: ports[1] ?? 0, packets: [] };
        known = { conversation, client: source };
        open.set(key, known);
        all.push(conversation);
      }
      known.conversation.packets.push({
        direction: source === known.client ? 0 : 1,
        sequence: view.tcpSequence,
        acknowledgement: view.tcpAcknowledgement,
        flags: view.tcpFlags,
        payload: transport === 'sctp' ? payload.subarray(sctpHeaderBytes) : payload,
      });
    }
    for (const frame of otherFrames(path)) if (all.length < maxConversations) all.push(frame);
  }
  return all;
}

function endpoint(view: PacketView, isSource: boolean, port = 0): string {
  const words = [0, 1, 2, 3].map((word) => (isSource ? view.sourceWord(word) : view.destinationWord(word)));
  return [...words, port].join(',');
}

/** Each frame that holds no IP is a conversation of its own. */
function otherFrames(path: string): Conversation[] {
  const file = readFileSync(path);
  const frames: Conversation[] = [];
  for (let at = 24; at + 16 <= file.length && frames.length < maxFrames; ) {
    const frame = at + 16;
    at = frame + file.readUInt32LE(at + 8);
    if (at < frame + etherHeaderBytes || at > file.length) continue;
    const etherType = file.readUInt16BE(frame + 12);
    if (etherType === 0x0800 || etherType === 0x86dd) continue;
    const payload = Buffer.from(file.subarray(frame + etherHeaderBytes, at));
    frames.push({
      transport: 'ethernet',
      protocol: etherType < leastEtherType ? 0 : etherType,
      serverPort: 0,
      packets: [{ direction: 0, sequence: 0, acknowledgement: 0, flags: 0, payload }],
    });
  }
  return frames;
}
