// What follows each packet of each session beside the engine: the details that Arkime's document wants and that other
// records do without. The session engine calls it on its packet worker; without one nothing of it costs more than a check.

import type { PacketView } from '../packet/index.ts';
import type { SessionDetails } from '../record/index.ts';

/** What an observer may do to sessions; the flow table fits. */
export interface SessionMarks {
  tag(slot: number, tag: string): void;
}

export interface SessionObserver {
  /** Called once, before any packet. */
  connect(marks: SessionMarks): void;
  /**
   * A packet of a session: it counts, and has a place on disk. The first one opens the session.
   * @param slot the session's; used again for another one after `closed`
   * @param direction 0: from the side that opened the session
   */
  counted(view: PacketView, slot: number, direction: 0 | 1): void;
  /** The same packet, before its payload is handed on; a part of the session may have been saved in between. */
  packet(view: PacketView, slot: number, direction: 0 | 1): void;
  /** Packets that are kept of a session at most, and how many that are to be. */
  keeps(slot: number): number;
  keep(slot: number, most: number): void;
  /** The directions of a session have changed sides. */
  turned(slot: number): void;
  /** A part of a session was saved: its counts begin anew. */
  nextPart(slot: number): void;
  /** The session has ended and its record is written. */
  closed(slot: number): void;
  /** What is known of a session, for its record. */
  of(slot: number): SessionDetails | undefined;
}
