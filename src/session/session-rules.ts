// What the session engine asks of rules, and what rules may do with a session. The rules room implements the first, `Ruling`
// the second; without rules the engine has neither. Everything happens on the packet worker, during the call.

import type { ByteText, JsonText, SessionEnd, SessionFacts, SessionField } from '../record/index.ts';

export type NotedValue = ByteText | JsonText | string | number | boolean;

/** What is dropped: whatever comes from or goes to the address and port of the side that opened the session, or of the other one; or what goes between both. */
export type DropKind = 'source' | 'destination' | 'session';

/** A session as rules see it. */
export interface RuledSession {
  /** Valid until the next call of anything here. */
  readonly facts: SessionFacts;
  /** Adds a value; of fields with one value it takes the place of the one there is. */
  note(field: SessionField, value: string | number | boolean): void;
  /** Takes a value away, or all of the field where `value` is undefined. */
  remove(field: SessionField, value: string | number | boolean | undefined): void;
  addProtocol(name: string): void;
  removeProtocol(name: string): void;
  /** No record of the session is written from now on, or again. */
  isHidden: boolean;
  /** Packets that the session needs for its record to be written. */
  leastPackets: number;
  /** Packets that are kept of it on disk; +Infinity: all. */
  mostPackets: number;
  /** Its records have source and destination the other way round. */
  isFlipped: boolean;
  /** Packets are dropped for so many minutes of packet time. Only of TCP, UDP and SCTP. */
  drop(kind: DropKind, minutes: number): void;
  /** The session ends after the packet at hand. */
  close(): void;
  /** Marks that something happened once in this part of the session; false when it had before. */
  once(number: number): boolean;
  /** A rule has acted. */
  count(): void;
}

export interface SessionRules {
  /** Marks of packets, as their sources set them, that are of interest for every packet. */
  readonly packetMarks: number;
  /** A packet with one of these marks. */
  packet(session: RuledSession, marks: number): void;
  /** The first packet of a side. */
  opened(session: RuledSession, marks: number): void;
  /** What the first bytes of a side say is known. */
  classified(session: RuledSession): void;
  /** A field got a new value; `field` undefined: the list of protocols. */
  noted(session: RuledSession, field: SessionField | undefined, value: NotedValue): void;
  /** Its record is about to be written. */
  saving(session: RuledSession, end: SessionEnd): void;
}
