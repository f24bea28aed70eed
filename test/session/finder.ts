// Looks packets up in a session table as the engine does: by the addon.

import { Recognizer } from '../../src/decoders/index.ts';
import type { PacketView } from '../../src/packet/index.ts';
import { PacketLayout } from '../../src/ring/index.ts';
import { defaultSessionConfig } from '../../src/session/index.ts';
import { PacketFollower } from '../../src/session/packet-follower.ts';
import type { SessionTable } from '../../src/session/session-table.ts';

/** `find(view, hash)`: slot * 2 + direction of the packet with that hash, or -1. */
export function finderOf(table: SessionTable): (view: PacketView, hash: number) => number {
  const needs = { asksFirst: false, observed: false };
  const follower = new PacketFollower(table, defaultSessionConfig({}), new Recognizer([]), needs);
  return (view, hash) => {
    view.bytes.writeInt32LE(hash, view.base + PacketLayout.flowHash);
    return follower.find(view);
  };
}
