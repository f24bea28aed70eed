// Session tables without an engine, and looking packets up in them as the engine does: by the addon.

import { Recognizer } from '../../src/decoders/index.ts';
import type { PacketView } from '../../src/packet/index.ts';
import { PacketLayout } from '../../src/ring/index.ts';
import { defaultSessionConfig } from '../../src/session/index.ts';
import { PacketFollower } from '../../src/session/packet-follower.ts';
import { sessionCounters } from '../../src/session/session-counters.ts';
import { SessionTable } from '../../src/session/session-table.ts';

/** A table whose counters nobody reads. */
export function tableOf(capacity: number, trackVlan = false, trackVni = false): SessionTable {
  return new SessionTable(capacity, trackVlan, trackVni, new Float64Array(sessionCounters.names.length));
}

/** `find(view, hash)`: slot * 2 + direction of the packet with that hash, or -1. */
export function finderOf(table: SessionTable): (view: PacketView, hash: number) => number {
  const needs = { names: undefined, asksFirst: false, observed: false, ruled: false, wants: () => false };
  const follower = new PacketFollower(table, defaultSessionConfig({}), new Recognizer([]), needs);
  return (view, hash) => {
    view.bytes.writeInt32LE(hash, view.base + PacketLayout.flowHash);
    return follower.find(view);
  };
}
