// Where the packets of a packet worker are kept when they are also to go to disk. The session side asks the store for the
// place of each packet and notes it with the session; documents name packets by file and position. Implemented by
// src/pipeline over the ring to the thread that writes; there is none when no output takes packets.

import type { PacketView } from '../packet/index.ts';

export interface PacketStore {
  /** Keeps a packet. Returns its place in the file `fileNumber`, or -1 when it was not kept (disk full, ring full with policy drop). */
  keep(view: PacketView): number;
  /** Number of the file of the last place. */
  readonly fileNumber: number;
  /** Position as documents have it (Arkime's packetPos) of a place; may wait for the block before it to be compressed. */
  position(fileNumber: number, place: number): number;
  /** Packets and bytes that are kept of a session; 0: all. */
  readonly sessionPackets: number;
  readonly sessionBytes: number;
  /** Positions go to index files; documents say where they are there. */
  readonly hasIndex: boolean;
  /** Puts the positions of a session in one file into its index. Returns their offset there, or -1; `indexLength` is then how many bytes they are. */
  index(fileNumber: number, positions: readonly number[]): number;
  readonly indexLength: number;
}
