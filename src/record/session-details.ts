// What Arkime's document says of a session beyond the facts of every record. The session room collects it when somebody
// wants such documents; the arkime encoder reads it. Direction 0 is from the side that opened the session.

/** TCP flag counts in the order of Arkime's `tcpflags`. */
export const tcpFlagNames = [
  'syn',
  'syn-ack',
  'ack',
  'psh',
  'fin',
  'rst',
  'urg',
  'ece',
  'cwr',
  'ae',
  'srcZero',
  'dstZero',
] as const;
export const TcpFlagCount = {
  syn: 0,
  synAck: 1,
  ack: 2,
  push: 3,
  fin: 4,
  reset: 5,
  urgent: 6,
  ece: 7,
  cwr: 8,
  ae: 9,
  sourceZero: 10,
  destinationZero: 11,
} as const;

/** A list of distinct small values in the order of their coming. */
export type Distinct<T> = readonly T[];

export interface SessionDetails {
  /** Milliseconds since 1970; the start is that of the session, in every part of it. */
  readonly firstMs: number;
  readonly lastMs: number;
  /** Of the frame, after its VLAN tags; 0 none. */
  readonly etherType: number;
  readonly packets: readonly [number, number];
  /** Captured frame bytes. */
  readonly bytes: readonly [number, number];
  /** Layer-4 payload bytes; of TCP those that came in order. */
  readonly payloadBytes: readonly [number, number];
  /** By `TcpFlagCount`. */
  readonly tcpFlags: Int32Array;
  /** Half the time from the SYN to the first bare acknowledgement, in milliseconds; -1 when not seen. */
  readonly roundTripMs: number;
  /** Initial sequence numbers; -1 when not seen. */
  readonly initialSequence: readonly [number, number];
  /** Whether the handshake's numbers fit each other; undefined: neither SYN nor SYN-ACK was seen. */
  readonly synValidated: boolean | undefined;
  readonly synAckValidated: boolean | undefined;
  /** Different initial sequence numbers of the client. */
  readonly initialSequences: number;
  /** First payload bytes as lower-case hex, at most eight bytes; '' none. */
  firstPayload(direction: 0 | 1): string;
  readonly ttls: readonly [Distinct<number>, Distinct<number>];
  /** DSCPs other than 0. */
  readonly dscps: readonly [Distinct<number>, Distinct<number>];
  /** `aa:bb:…` */
  readonly macs: readonly [Distinct<string>, Distinct<string>];
  readonly outerMacs: readonly [Distinct<string>, Distinct<string>];
  readonly outerIps: readonly [Distinct<string>, Distinct<string>];
  readonly vlans: Distinct<number>;
  readonly dot1q: Distinct<number>;
  readonly dot1ad: Distinct<number>;
  readonly vnis: Distinct<number>;
  /** Names of what carries the session: `tcp`, `gre`, `vxlan`. */
  readonly carriers: Distinct<string>;
  /** Name of a session that nothing else names; '' for one that needs none. */
  readonly oddName: string;
  /** Whether a document is wanted of a session that only that names. */
  readonly isOddWanted: boolean;
  /** No document is wanted of the session. */
  readonly isHidden: boolean;
  /** '' when there is none for its protocol. */
  readonly communityId: string;
  /** n-th document of the session, from 1. */
  readonly segment: number;
  /** `_id` of the first document of a session that is saved in parts; '' for one that is not. */
  rootId: string;
  /**
   * Offsets of the record headers in their files, in order. A negative entry is the number of the file that the following
   * ones are in; where the sensor keeps no packets
   * the numbers are those of the capture files of the run, from 1, and the first one has no entry.
   */
  readonly positions: readonly number[];
  /** For each entry of `positions`: 0 for a file, else 16 and the captured length. */
  readonly lengths: readonly number[];
  /** Numbers of the files, in order. */
  readonly files: readonly number[];
  /** With index files, in place of `positions`: number of the file, negative, then offset and length in its index; for each file. */
  readonly places: readonly number[] | undefined;
}
