// Layout of a session in the table of a packet worker: 64 words of 4 bytes, four cache lines. Lines 0 and that of the packet's
// direction are what every packet touches; line 1 is for the first packet, the end, and the timer wheel. TypeScript owns the
// table; Rust follows plain packets in it (crates/capture/src/follow). Part of tools/layout.ts.
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

import { type ConstantGroup, numbered } from './constant-group.ts';

/** Bits for both directions: `name_0` and the one above it. */
const pair = (name: string, bit: number, meaning: string): [string, number, string][] => [
  [`${name}_0`, 2 ** bit, meaning],
  [`${name}_1`, 2 ** (bit + 1), 'the same of direction 1'],
];

export const sessionConstants: readonly ConstantGroup[] = [
  numbered('slot', 'Words of a session; those of f64 are even, and half of them index the float view.', [
    ['address_a', 0, 'four words, as in the packet record: the side that is direction 0'],
    ['address_b', 4, 'the other one'],
    ['ports', 8, 'ports of direction 0: source in the low half'],
    ['protocol', 9, 'ip_version << 8 | protocol << 16, as in the packet record'],
    ['clock_us', 10, "f64: the source's clock at the last packet: what idle time is counted from"],
    ['state', 12, 'bits of `state`'],
    ['idle_ms', 13, 'idle time after which the session ends'],
    ['part_ms', 14, 'the clock at the first packet of this part, in milliseconds modulo 2^32'],
    ['hash', 15, "the packets' flow_hash"],
    ['start_us', 16, 'f64: time of the first packet'],
    ['syn_us', 18, 'f64: time of the last SYN without ACK'],
    ['skip_0', 18, 'while `state.resting`, in place of `syn_us`: the sequence number at which a skip of direction 0 ends'],
    ['skip_1', 19, 'the same of direction 1'],
    ['handshake_us', 20, '-1 until the handshake is complete; of a `keyed` session the second half of its key'],
    ['packet_number', 21, 'of the first packet'],
    ['record_index', 22, 'records that the session has'],
    ['part', 23, 'part number in the low 24 bits, source index above'],
    ['origin', 24, 'interface in the low half, EtherType above'],
    ['next', 25, "links of the wheel's bucket; `next` links free slots too"],
    ['previous', 26, ''],
    ['bucket', 27, 'of the wheel, or -1'],
    ['vlans_low', 28, 'VLAN ids 0 and 1'],
    ['vlans_high', 29, 'VLAN id 2, and how many there are above'],
    ['vni', 30, 'as in the packet record'],
    ['probing', 31, 'what recognition knows, as in `probing`'],
    ['side_0', 32, 'direction 0'],
    ['side_1', 48, 'direction 1'],
    ['words', 64, 'of a slot'],
  ]),
  numbered(
    'probing',
    "Parts of `slot.probing`: datagrams that were probed in the low byte, index + 1 of the decoder above, then the number of the session's list of protocols.",
    [
      ['tries', 0xff, 'mask'],
      ['decoder_shift', 8, ''],
      ['list_shift', 16, ''],
    ],
  ),
  numbered('session_index', 'The index from flow to session: open addressing, entries `tag << 24 | session + 1`, 0 empty.', [
    [
      'spread',
      0x9e37_79b1,
      'a hash times this: its high bits are the place, its low ones the tag; 2^32 divided by the golden ratio',
    ],
    ['session_mask', 0x00ff_ffff, 'session + 1 of an entry'],
  ]),
  numbered('side', 'Words of a side, from its first word on.', [
    ['packets', 0, ''],
    [
      'marks',
      1,
      'bytes: TCP flags seen, TTL of the first packet, window scale (255 none), segments in a row that were too far off',
    ],
    ['bytes', 2, 'f64: of frames'],
    ['payload', 4, 'f64: distinct payload bytes'],
    ['missing', 6, 'stream bytes missing below `top`'],
    ['retransmitted', 7, 'packets with nothing new; of UDP: datagrams that came double'],
    ['out_of_order', 8, ''],
    [
      'top',
      9,
      'sequence number after the highest one seen; of UDP this and the next two are what the last datagrams are told by, as in their records',
    ],
    ['low', 10, 'lowest sequence number seen, after the SYN'],
    ['acked', 11, 'highest acknowledgement sent'],
    ['last_us', 12, 'f64: time of the last packet'],
    ['window', 14, 'window last advertised, unscaled, in the low half; the MAC in the six bytes above it'],
    ['words', 16, 'of a side'],
  ]),
  numbered('side_byte', 'Bytes from the start of a side.', [
    ['ttl', 5, ''],
    ['window_scale', 6, ''],
    ['far_segments', 7, ''],
    ['mac', 58, ''],
  ]),
  numbered('state', 'Bits of `slot.state`. Those named for direction 0 are one below those of direction 1.', [
    ...pair('syn', 0, 'a SYN was seen'),
    ...pair('fin', 2, 'a FIN was seen, with nothing above it'),
    ...pair('seen', 4, '`top` and `low` are known'),
    ...pair('acked', 6, '`acked` and `window` are known'),
    ...pair('holes', 8, 'the side has a hole list'),
    ...pair('unknown', 10, 'the first data of the side were probed and belong to no decoder'),
    ['wanted', 2 ** 12, 'somebody wants the payload: recognition goes on or a decoder is at work'],
    ['flow', 2 ** 13, 'there is a Flow object'],
    ['reset', 2 ** 14, ''],
    ['tunnels', 2 ** 15, 'tunnels are kept beside the table'],
    ['established', 2 ** 16, "the handshake was completed by the client's acknowledgement"],
    ['closing', 2 ** 17, 'FIN both ways or reset: waits for late packets only'],
    ...pair('top_data', 18, 'data or a FIN of the side was seen above its last hole: see `gapBytes`'),
    ...pair('heard', 20, 'a packet of the side was seen; its TTL is known'),
    ...pair('mac', 22, 'the MAC is known'),
    ['anomalies', 2 ** 24, "the engine's own anomalies that already made a record, from this bit on"],
    ['decoded', 2 ** 28, 'a decoder has, or had, the session: `slot.probing` knows which'],
    [
      'digest',
      2 ** 29,
      'IPv4: the words behind the addresses hold the digest of the community id, 0 to 2 behind A, 3 and 4 behind B',
    ],
    ['noted', 2 ** 30, 'something was noted without a decoder'],
    [
      'resting',
      2 ** 31,
      'the Flow waits for no hole: it need not see acknowledgements, and no data below the end of a skip; it catches up by `top`. Without `flow`: data wait in the addon (crates/capture/src/recognition/waiting.rs)',
    ],
  ]),
];
