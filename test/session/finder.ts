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

export interface Finder {
  /** Slot * 2 + direction of the packet with that hash, or -1. */
  find(view: PacketView, hash: number): number;
  /** Opens the session of a packet of direction 0 with that hash; its slot. */
  open(view: PacketView, hash: number): number;
}

export function finderOf(table: SessionTable): Finder {
  const needs = { asksFirst: false, observed: false, ruled: false, wants: () => false };
  const follower = new PacketFollower(table, defaultSessionConfig({}), new Recognizer([]), needs);
  table.native.startWheel(0);
  const withHash = (view: PacketView, hash: number): PacketView => {
    view.bytes.writeInt32LE(hash, view.base + PacketLayout.flowHash);
    return view;
  };
  return {
    find: (view, hash) => follower.find(withHash(view, hash)),
    open: (view, hash) => follower.open(withHash(view, hash), 0, 0, 0),
  };
}
