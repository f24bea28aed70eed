// Layout of a session in the table: 64 words of 4 bytes, four cache lines. Lines 0 and that of the packet's direction are
// what every packet touches; line 1 is for the first packet, the end, and the timer wheel.
//
//   word  0         4         8       9          10       12      13     14     15
//        | address A | address B | ports | protocol | clock   | state | idle | part | hash |
//        |           |           |       |          | f64 µs  |       | ms   | ms   |      |
//   word 16      18       20          21       22       23     24          25     26         27       28      29      30    31
//        | start  | SYN    | handshake | packet | record | part | interface | next | previous | bucket | VLANs | VLANs | VNI | probing |
//        | f64 µs | f64 µs | µs        | number | index  | no.  | EtherType |                          | 0, 1  | 2, n  |
//   word 32 (direction 0), 48 (direction 1): a side
//        +0        +1      +2      +4        +6        +7      +8     +9    +10   +11     +12     +14
//        | packets | marks | bytes | payload | missing | again | late | top | low | acked | last   | window, MAC |
//        |         |       | f64   | f64     |         |       |      |     |     |       | f64 µs | u16, 6 bytes |

/** Words of a slot. */
export const slotWords = 64;
export const slotShift = 6;

/** Word offsets in a slot. Those of f64 are even; half of them index the float view. */
export const Slot = {
  addressA: 0,
  addressB: 4,
  /** Ports of direction 0: source in the low half. */
  ports: 8,
  /** `ipVersion << 8 | protocol << 16`, as in the packet record. */
  protocol: 9,
  /** The source's clock at the last packet: what idle time is counted from. */
  clockUs: 10,
  /** Bits of `State`. */
  state: 12,
  idleMs: 13,
  /** The clock at the first packet of this part, in milliseconds modulo 2^32. */
  partMs: 14,
  hash: 15,
  startUs: 16,
  synUs: 18,
  /** -1 until the handshake is complete. */
  handshakeUs: 20,
  packetNumber: 21,
  recordIndex: 22,
  /** Part number in the low 24 bits, source index above. */
  part: 23,
  /** Interface in the low half, EtherType above. */
  origin: 24,
  /** Links of the wheel's bucket; `next` links free slots too. */
  next: 25,
  previous: 26,
  bucket: 27,
  /** VLAN ids 0 and 1. */
  vlansLow: 28,
  /** VLAN id 2, and how many there are above. */
  vlansHigh: 29,
  vni: 30,
  /** What recognition knows, as in `Probing`. */
  probing: 31,
  side0: 32,
  side1: 48,
} as const;

/**
 * Bits of `Slot.probing`: datagrams that were probed in the low byte, index + 1 of the decoder above, then the number of the
 * session's list of protocols.
 */
export const Probing = { tries: 0xff, decoderShift: 8, listShift: 16 } as const;

/** Word offsets in a side. */
export const Side = {
  packets: 0,
  /** Bytes: TCP flags seen, TTL of the first packet, window scale (255 none), segments in a row that were too far off. */
  marks: 1,
  bytes: 2,
  payload: 4,
  /** Stream bytes missing below `top`. */
  missing: 6,
  /** Packets with nothing new; of UDP: datagrams that came double. */
  retransmitted: 7,
  outOfOrder: 8,
  /** Sequence number after the highest one seen; of UDP this and the next two are what the last datagrams are told by, as in their records. */
  top: 9,
  /** Lowest sequence number seen, after the SYN. */
  low: 10,
  /** Highest acknowledgement sent. */
  acked: 11,
  /** Time of the last packet. */
  lastUs: 12,
  /** Window last advertised, unscaled, in the low half; the MAC in the six bytes above it. */
  window: 14,
} as const;

/** Bytes from the start of a side. */
export const SideByte = { ttl: 5, windowScale: 6, farSegments: 7, mac: 58 } as const;

/** Bits of `Slot.state`. Bits named for direction 0 are one below those of direction 1. */
export const State = {
  syn0: 1 << 0,
  syn1: 1 << 1,
  fin0: 1 << 2,
  fin1: 1 << 3,
  /** `top` and `low` are known. */
  seen0: 1 << 4,
  seen1: 1 << 5,
  /** `acked` and `window` are known. */
  acked0: 1 << 6,
  acked1: 1 << 7,
  /** The side has a hole list. */
  holes0: 1 << 8,
  holes1: 1 << 9,
  /** The first data of the side were probed and belong to no decoder. */
  unknown0: 1 << 10,
  unknown1: 1 << 11,
  /** Somebody wants the payload: recognition goes on or a decoder is at work. */
  wanted: 1 << 12,
  /** There is a Flow object. */
  flow: 1 << 13,
  reset: 1 << 14,
  /** Tunnels are kept beside the table. */
  tunnels: 1 << 15,
  /** The handshake was completed by the client's acknowledgement. */
  established: 1 << 16,
  /** FIN both ways or reset: waits for late packets only. */
  closing: 1 << 17,
  /** Data or a FIN of the side was seen above its last hole: see `gapBytes`. */
  topData0: 1 << 18,
  topData1: 1 << 19,
  /** A packet of the side was seen; its TTL is known. */
  heard0: 1 << 20,
  heard1: 1 << 21,
  /** The MAC is known. */
  mac0: 1 << 22,
  mac1: 1 << 23,
  /** The engine's own anomalies that already made a record, from this bit on. */
  anomalies: 1 << 24,
  /** A decoder has, or had, the session: `Slot.probing` knows which. */
  decoded: 1 << 28,
  /** IPv4: the words behind the addresses hold the digest of the community id, 0 to 2 behind A, 3 and 4 behind B. */
  digest: 1 << 29,
  /** Something was noted without a decoder. */
  noted: 1 << 30,
} as const;

/** Value of `Slot.bucket` while a slot is in no bucket. */
export const noBucket = -1;
