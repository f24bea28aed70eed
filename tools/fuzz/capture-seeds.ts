// Seeds out of capture files (pcap, microseconds, Ethernet): their conversations, for the decoders, and their packets, for the session engine.
// The golden captures are always among them.

import { globSync } from 'node:fs';
import { join } from 'node:path';
import type { Direction } from '../../src/decoders/index.ts';
import type { PacketView } from '../../src/packet/index.ts';
import { RingFeeder } from '../../test/session/ring-feeder.ts';
import { root } from '../step.ts';

/** Packets of a capture and conversations of all of them that are used; more would only repeat. */
const maxPackets = 20_000;
const maxConversations = 500;

export interface SeenPacket {
  readonly direction: Direction;
  readonly sequence: number;
  readonly acknowledgement: number;
  readonly flags: number;
  readonly payload: Buffer;
}

export interface Conversation {
  /** IP protocol number. */
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
      const [source, destination] = [endpoint(view, true), endpoint(view, false)];
      const key = [view.protocol, ...[source, destination].sort()].join(' ');
      let known = open.get(key);
      if (known === undefined) {
        const conversation = { protocol: view.protocol, serverPort: view.destinationPort, packets: [] };
        known = { conversation, client: source };
        open.set(key, known);
        all.push(conversation);
      }
      known.conversation.packets.push({
        direction: source === known.client ? 0 : 1,
        sequence: view.tcpSequence,
        acknowledgement: view.tcpAcknowledgement,
        flags: view.tcpFlags,
        payload: Buffer.from(view.bytes.subarray(view.payloadStart, view.payloadStart + view.payloadLength)),
      });
    }
  }
  return all;
}

function endpoint(view: PacketView, isSource: boolean): string {
  const words = [0, 1, 2, 3].map((word) => (isSource ? view.sourceWord(word) : view.destinationWord(word)));
  return [...words, isSource ? view.sourcePort : view.destinationPort].join(',');
}
