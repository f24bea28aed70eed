// What records may say about the session they belong to. The session room's view implements it; field tables read it.
// Direction 0 is from source (the side that opened the session) to destination.

import type { SessionField } from './contract.ts';
import type { JsonText } from './encoded-values.ts';
import type { Scribe } from './scribe.ts';
import type { SessionDetails } from './session-details.ts';

export const sessionEnds = ['fin', 'reset', 'timeout', 'evicted', 'reused', 'stopped', 'rule', 'part'] as const;
export type SessionEnd = (typeof sessionEnds)[number];

export interface TunnelFacts {
  /** `vxlan`, `gre`, … */
  readonly type: string;
  readonly sourceAddress: string;
  readonly destinationAddress: string;
  /** VNI, TEID, key; 0 none. */
  readonly id: number;
}

export interface SessionFacts {
  /** Unique in the run and the same in every run over the same capture: 29 hex digits, time · flow hash · packet number. */
  readonly id: string;
  /** Second key of `--ordered`. */
  readonly firstPacketNumber: number;
  /** Number of records made for this session so far; emitting one adds to it. Third key of `--ordered`. */
  nextRecordIndex(): number;
  readonly startUs: number;
  readonly lastUs: number;
  /** 4, 6, or 0 for layer 2. */
  readonly ipVersion: number;
  /** IP protocol number. */
  readonly protocol: number;
  readonly etherType: number;
  /** Dotted or RFC 5952 text; a MAC for layer 2. */
  readonly sourceAddress: string;
  readonly destinationAddress: string;
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** True for TCP, UDP, SCTP: the ports mean ports. */
  readonly hasPorts: boolean;
  /** `aa:bb:…` of the first packet of each direction; undefined when unknown. */
  readonly sourceMac: string | undefined;
  readonly destinationMac: string | undefined;
  readonly vlanIds: readonly number[];
  readonly tunnels: readonly TunnelFacts[];
  /** Community ID v1, seed from the config. */
  readonly communityId: string;
  /** What writes records of this session. */
  readonly scribe: Scribe;
  /** n-th source and interface of the run. */
  readonly sourceIndex: number;
  readonly interfaceId: number;

  packets(direction: 0 | 1): number;
  /** Frame bytes on the wire. */
  bytes(direction: 0 | 1): number;
  /** Distinct layer-4 payload bytes seen (TCP: retransmitted bytes once). */
  payloadBytes(direction: 0 | 1): number;
  /** TCP: stream bytes missing between the lowest and the highest sequence number seen. */
  gapBytes(direction: 0 | 1): number;
  /** Packets that brought nothing new; of UDP those that were captured twice. */
  retransmittedPackets(direction: 0 | 1): number;
  outOfOrderPackets(direction: 0 | 1): number;
  /** OR of all TCP flags bytes sent. */
  tcpFlags(direction: 0 | 1): number;
  /** TTL or hop limit of the first packet. */
  ttl(direction: 0 | 1): number;
  /** Microseconds between SYN and the ACK that completes the handshake; undefined when not seen. */
  readonly handshakeUs: number | undefined;
  /** `established`, `syn_sent`, `half_closed`, `closed`, `reset`, `midstream`, …; undefined for other than TCP. */
  readonly tcpState: string | undefined;
  /** The first packet seen was not the first of the connection. */
  readonly midstream: boolean;
  /** Decoder names recognised, in order (`http`, `tls`). */
  readonly protocols: readonly string[];
  /** Why the session's record is written. `part`: it goes on. */
  readonly end: SessionEnd;
  /** n-th record of this session, from 0 (long sessions are saved in parts; each part counts only what is new in it). */
  readonly part: number;
  /** What decoders noted: a value, an array of them for fields that collect; undefined when none. Valid until the next call. */
  noted(field: SessionField): JsonText | undefined;
  /** What Arkime's document says beyond these facts; undefined when nobody wants it. */
  readonly details: SessionDetails | undefined;
}
