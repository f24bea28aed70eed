// The one definition of every memory layout that Rust and TypeScript share: ring header, packet record, tunnel
// layer, output record, sessions, and the capture counters. `npm run generate` writes both languages' constants from it;
// a test fails when the committed files differ from what this table gives.

import { type ConstantGroup, numbered } from './constant-group.ts';
import { factConstants } from './fact-layout.ts';
import { sessionConstants } from './session-layout.ts';

export type LayoutType = 'u8' | 'u16' | 'u32' | 'i32' | 'f64' | `bytes${number}`;

export interface LayoutField {
  readonly name: string;
  readonly type: LayoutType;
  readonly at: number;
  readonly meaning: string;
}

export interface Layout {
  readonly name: string;
  readonly size: number;
  readonly meaning: string;
  readonly fields: readonly LayoutField[];
}

const field = (at: number, type: LayoutType, name: string, meaning: string): LayoutField => ({ at, type, name, meaning });

export const layouts: readonly Layout[] = [
  {
    name: 'ring_header',
    size: 256,
    meaning:
      'Head of a byte ring, before its data area. Positions count bytes, modulo 2^32; the data offset is position & (capacity - 1). Each cache line has one writer.',
    fields: [
      field(0, 'u32', 'tail', 'producer: position after the last published record'),
      field(4, 'u32', 'high_water', 'producer: most bytes ever seen in use'),
      field(8, 'u32', 'closed', 'producer: 1 after its last record'),
      field(64, 'u32', 'head', 'consumer: position up to which space is given back'),
      field(128, 'u32', 'magic', 'RTR1, written once by the creator'),
      field(132, 'u32', 'capacity', 'bytes of the data area, a power of two, 4 KiB to 1 GiB'),
      field(136, 'u32', 'producer_park', 'word of the parking lot on which the producer sleeps'),
      field(140, 'u32', 'consumer_park', 'word of the parking lot on which the consumer sleeps'),
    ],
  },
  {
    name: 'packet',
    size: 160,
    meaning:
      'A packet in a source-to-worker ring. Tunnel layers (tunnel_count of them) follow, then the frame as captured, then, for the fragment that completes a datagram, the reassembled layer-4 datagram.',
    fields: [
      field(0, 'u32', 'length', 'bytes of the record, header included, before padding to 8'),
      field(4, 'u8', 'kind', 'record kind'),
      field(5, 'u8', 'ip_version', '4, 6, or 0 for a layer-2 frame'),
      field(6, 'u8', 'protocol', 'IP protocol after extension headers; 0 for layer 2'),
      field(7, 'u8', 'tcp_flags', 'FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128'),
      field(8, 'f64', 'time_us', 'capture time, microseconds since 1970 (whole)'),
      field(16, 'u32', 'sequence', 'this packet is the n-th put into this ring, counted from 1, modulo 2^32'),
      field(20, 'u32', 'packet_number', 'n-th packet of its source, counted from 1, modulo 2^32'),
      field(24, 'u32', 'flow_hash', 'symmetric hash of the flow'),
      field(
        28,
        'u32',
        'clock_lag_us',
        "source's clock (latest time seen, see clock_jumps) minus time_us; clock_lag.apart: the clock is what was told last",
      ),
      field(32, 'u16', 'source_port', 'layer-4 port; ICMP: type (or its community-id pair); layer 2: EtherType'),
      field(34, 'u16', 'destination_port', 'layer-4 port; ICMP: counter type or code; layer 2: EtherType'),
      field(36, 'u32', 'flags', 'packet flags'),
      field(
        40,
        'u32',
        'tcp_sequence',
        'TCP sequence number; UDP over IPv4: identification << 16 | checksum, 0 without a checksum',
      ),
      field(44, 'u32', 'tcp_acknowledgement', 'TCP acknowledgement number; of a `keyed` packet the second half of its key'),
      field(48, 'u16', 'tcp_window', 'TCP window as sent, unscaled'),
      field(50, 'u8', 'tcp_window_scale', 'window scale option of a SYN; 255 when absent'),
      field(51, 'u8', 'ttl', 'IPv4 TTL or IPv6 hop limit of the inner header'),
      field(52, 'u8', 'traffic_class', 'IPv4 TOS or IPv6 traffic class byte'),
      field(53, 'u8', 'icmp_type', 'ICMP or ICMPv6 type'),
      field(54, 'u8', 'icmp_code', 'ICMP or ICMPv6 code'),
      field(55, 'u8', 'tunnel_count', 'tunnel layers that follow this header, outermost first, at most 8'),
      field(56, 'bytes16', 'source_address', 'network order; IPv4 in the first 4 bytes, MAC in the first 6, rest 0'),
      field(72, 'bytes16', 'destination_address', 'as source_address'),
      field(88, 'u32', 'payload_offset', 'layer-4 payload, from the start of the record'),
      field(92, 'u32', 'payload_length', 'layer-4 payload bytes present'),
      field(96, 'u32', 'payload_wire_length', 'layer-4 payload bytes by the IP length (0 for non-final fragments)'),
      field(100, 'u32', 'wire_length', 'frame bytes on the wire'),
      field(104, 'u32', 'captured_length', 'frame bytes present'),
      field(108, 'u32', 'frame_offset', 'captured frame, from the start of the record'),
      field(112, 'u16', 'network_offset', 'innermost IP header (or layer-2 payload), from the start of the frame'),
      field(114, 'u16', 'transport_offset', 'layer-4 header, from the start of the frame'),
      field(116, 'u16', 'link_type', 'LINKTYPE_ value of the frame'),
      field(118, 'u16', 'ether_type', 'EtherType of the innermost network header; 0 unknown'),
      field(120, 'u16', 'vlan_0', 'outermost VLAN id'),
      field(122, 'u16', 'vlan_1', 'second VLAN id'),
      field(124, 'u16', 'vlan_2', 'third VLAN id'),
      field(126, 'u8', 'vlan_count', 'VLAN ids kept, 0 to 3'),
      field(127, 'u8', 'ethernet_offset', 'Ethernet header from the start of the frame; 255 when there is none'),
      field(128, 'f64', 'file_position', 'offset of the record header in its (unpacked) file; -1 live'),
      field(136, 'u32', 'file_id', 'n-th file of the source, counted from 0'),
      field(140, 'u32', 'network_length', 'bytes of the inner IP packet by its own length field; layer 2: frame length'),
      field(144, 'u16', 'interface_id', 'n-th interface of the source'),
      field(146, 'u16', 'time_ns', 'nanoseconds beyond time_us, 0 to 999'),
      field(
        148,
        'u32',
        'vni',
        'innermost tunnel id that is the same in both directions (VNI, GRE key, ERSPAN or PPPoE session); 0 none',
      ),
      field(152, 'u16', 'tcp_mss', 'MSS option of a SYN; 0 absent'),
      field(154, 'u16', 'fragment_offset', 'offset of this fragment in units of 8 bytes, when the fragment flag is set'),
      field(
        156,
        'u8',
        'outer_ethernet_offset',
        'Ethernet header before the innermost one, from the start of the frame; 255 when there is none',
      ),
      field(158, 'u16', 'marks', 'bits of the marking filters that the frame matches'),
    ],
  },
  {
    name: 'clock',
    size: 16,
    meaning: 'Control record of a source-to-worker ring: the source has seen time pass although no packet came to this worker.',
    fields: [
      field(0, 'u32', 'length', '16'),
      field(4, 'u8', 'kind', 'record kind'),
      field(8, 'f64', 'time_us', "the source's clock, microseconds since 1970"),
    ],
  },
  {
    name: 'tunnel',
    size: 48,
    meaning: 'One tunnel layer around a packet.',
    fields: [
      field(0, 'u8', 'type', 'tunnel type'),
      field(1, 'u8', 'ip_version', '4, 6, or 0 when the outer header is layer 2 (PPPoE, MPLS over Ethernet)'),
      field(2, 'u16', 'source_port', 'outer UDP port; 0 none'),
      field(4, 'u16', 'destination_port', 'outer UDP port; 0 none'),
      field(8, 'u32', 'id', 'VNI, TEID, GRE key, MPLS label, PPPoE session, ERSPAN session; 0 none'),
      field(16, 'bytes16', 'source_address', 'outer address, network order, IPv4 in the first 4 bytes'),
      field(32, 'bytes16', 'destination_address', 'outer address'),
    ],
  },
  {
    name: 'output',
    size: 24,
    meaning: 'Head of an encoded record in a worker-to-output ring; the encoded bytes follow.',
    fields: [
      field(0, 'u32', 'length', 'bytes of the record, header included, before padding to 8'),
      field(4, 'u8', 'kind', 'record kind'),
      field(5, 'u8', 'record_type', 'index of the record type in the run'),
      field(6, 'u16', 'reserved', '0'),
      field(
        8,
        'f64',
        'order_time_us',
        'logical time of the record: first key of --ordered; of a watermark: no later record has a smaller key',
      ),
      field(16, 'u32', 'order_packet', "packet number of the session's first packet: second key"),
      field(20, 'u32', 'order_index', 'n-th record of its session: third key'),
    ],
  },
  {
    name: 'table_desk',
    size: 32,
    meaning: "What a packet worker's session table tells of itself (crates/capture/src/session_store.rs), and what it is asked.",
    fields: [
      field(0, 'f64', 'next_us', 'the clock from which sessions may be over; infinity before the first packet'),
      field(8, 'f64', 'past_us', 'all deadlines before this have been given out; -infinity before the first packet'),
      field(16, 'u32', 'sessions', 'how many there are'),
      field(20, 'u32', 'high_water', 'numbers that were ever used: 0 to this, exclusive'),
      field(24, 'i32', 'session', 'of a call: the session asked for, or the answer; -1 none'),
      field(28, 'u32', 'reason', 'why the session asked for ends: number among the reasons'),
    ],
  },
  {
    name: 'tcp_desk',
    size: 16,
    meaning: 'Of which segment a packet worker wants a connection to take note (crates/capture/src/tcp), and what came of it.',
    fields: [
      field(0, 'u32', 'ring', 'number of the ring'),
      field(4, 'u32', 'record', 'offset of its record in the data area'),
      field(8, 'i32', 'found', 'number of its session * 2 + direction'),
      field(12, 'u32', 'answer', 'of tcp_answer'),
    ],
  },
  {
    name: 'first_bytes_desk',
    size: 24,
    meaning: 'What is kept of a TCP direction whose protocol is undecided (crates/capture/src/recognition); then the bytes.',
    fields: [
      field(0, 'f64', 'time_us', 'when the first of them came'),
      field(8, 'u32', 'direction', 'session * 2 + side'),
      field(12, 'u32', 'length', 'how many are to be added; then how many there are, 0 none'),
      field(16, 'u32', 'before', 'how many there were before some were added'),
      field(20, 'i32', 'after', 'the sequence number behind them'),
    ],
  },
  {
    name: 'follow_desk',
    size: 64,
    meaning: 'What a packet worker asks of a walk over its ring (crates/capture/src/follow), and how far that came.',
    fields: [
      field(0, 'f64', 'clock_us', "the source's clock, before and after"),
      field(8, 'f64', 'wake_us', 'the packet that reaches this clock is left where it is'),
      field(16, 'u32', 'position', 'in the ring, before and after'),
      field(20, 'u32', 'end', 'position where the published records end'),
      field(28, 'u32', 'marks', 'packets with one of these marks are never plain'),
      field(32, 'u32', 'packets', 'packets that the walk has passed'),
      field(36, 'u32', 'entries', 'entries that follow'),
      field(40, 'u32', 'ring', 'number of the ring'),
      field(44, 'u32', 'source', 'index of its source'),
    ],
  },
  {
    name: 'follow_entry',
    size: 24,
    meaning: 'A packet that is left to TypeScript.',
    fields: [
      field(0, 'f64', 'clock_us', "the source's clock with it"),
      field(8, 'u32', 'record', 'offset of its record in the data area'),
      field(12, 'i32', 'found', 'number of its session * 2 + direction, or -1'),
      field(16, 'u32', 'before', 'packets of the walk before it'),
      field(20, 'u32', 'what', 'of follow_what'),
    ],
  },
  {
    name: 'closing_desk',
    size: 64,
    meaning:
      'Which sessions a packet worker wants to have ended many at a time (crates/capture/src/closing.rs), and how far that came.',
    fields: [
      field(0, 'f64', 'clock_us', 'all sessions: the clock at the end of the sources'),
      field(8, 'f64', 'floor_us', 'no record gets a smaller order time'),
      field(
        16,
        'i32',
        'from',
        'all sessions from this number on; -1: those that the timer wheel has; after: the number to go on with',
      ),
      field(20, 'u32', 'at', 'where records may be written in the memory; after: where they end'),
      field(24, 'u32', 'end', 'behind the last byte that may be written'),
      field(28, 'u32', 'target', 'number of that memory'),
      field(32, 'u32', 'plan', "number of the records' plan"),
      field(36, 'u32', 'record_type', 'their type in the run'),
      field(
        40,
        'i32',
        'session',
        'after: the session that is to be ended otherwise; -1: none is left; -2: there is no room left',
      ),
      field(44, 'u32', 'records', 'after: how many were written, one a session'),
      field(48, 'u32', 'bytes', 'after: their bytes, without what the ring adds'),
      field(52, 'u32', 'lists', 'after: how many `closing_list` follow'),
      field(
        56,
        'u32',
        'noted',
        'sessions of which something is noted may be ended; after: how many of those were, whose numbers stand behind 16 lists',
      ),
    ],
  },
  {
    name: 'closing_list',
    size: 8,
    meaning: 'How many of the sessions that were ended have the same list of protocols.',
    fields: [field(0, 'u32', 'list', 'its number'), field(4, 'u32', 'sessions', 'how many')],
  },
  {
    name: 'fact_desk',
    size: 64,
    meaning: 'What is asked to be written as a record (crates/capture/src/facts), and where that ended.',
    fields: [
      field(0, 'f64', 'time_us', "the record's time"),
      field(8, 'u32', 'session', 'number of the session; of no meaning where the plan has no facts'),
      field(12, 'u32', 'plan', 'number of the plan'),
      field(16, 'u32', 'target', 'number of the memory that is written to'),
      field(20, 'i32', 'at', 'where to begin there; after: where it ended, or -1 when it does not fit'),
      field(24, 'u32', 'limit', 'values of any length end at this offset or before'),
      field(28, 'u32', 'reason', 'why the record is written: index of the texts given at the start'),
      field(32, 'u32', 'gap_bytes_0', 'stream bytes of direction 0 that were never seen'),
      field(36, 'u32', 'gap_bytes_1', 'the same of direction 1'),
      field(40, 'u32', 'values', 'how many values there are, each a `fact_value`, in the order of their indexes'),
      field(44, 'u32', 'notes', 'first chunk of what is noted of the session, 0 none; of no meaning where the plan has no notes'),
      field(
        48,
        'u32',
        'unknown',
        'after, where `at` is -1: a noted field that the plan has not been told of, by its number; 0 none',
      ),
    ],
  },
  {
    name: 'fact_value',
    size: 24,
    meaning: 'A value of a record, as a decoder has found it.',
    fields: [
      field(0, 'u32', 'head', 'index in the plan, and the kind in the upper 16 bits'),
      field(4, 'u32', 'memory', 'number of the memory that has the bytes'),
      field(8, 'u32', 'from', 'first byte there'),
      field(12, 'u32', 'to', 'behind the last byte'),
      field(16, 'f64', 'number', 'of numbers and dates'),
    ],
  },
];

export const constants: readonly ConstantGroup[] = [
  numbered('ring', 'Fixed numbers of the rings.', [
    ['magic', 0x31525452, '"RTR1", little endian'],
    ['record_align', 8, 'records start at multiples of this'],
    ['park_stride_words', 16, 'words between two parking words, a cache line'],
  ]),
  numbered('record_kind', 'What a ring record is.', [
    ['padding', 0, 'skip to the start of the data area'],
    ['packet', 1, 'a packet'],
    ['clock', 2, 'time has passed'],
    ['record', 3, 'an encoded record for an output'],
    ['watermark', 4, 'the worker will send no record with a smaller order time'],
  ]),
  numbered('clock_lag', 'Values of packet.clock_lag_us that are no microseconds.', [
    ['apart', 0xffffffff, 'the clock is too far from time_us: a record before told it'],
  ]),
  numbered('packet_flag', 'Bits of packet.flags.', [
    ['fragment', 1, 'an IP fragment; payload only when `reassembled` is set too'],
    ['reassembled', 2, 'completes a datagram: the payload is the reassembled one'],
    ['truncated', 4, 'payload_length < payload_wire_length: cut by the snap length'],
    ['bad_ip_checksum', 8, 'IPv4 header checksum wrong (only set when checking)'],
    ['bad_l4_checksum', 16, 'TCP or UDP checksum wrong (only set when checking)'],
    ['outgoing', 32, 'sent by this host (live)'],
    ['fragment_incomplete', 64, 'a fragment whose datagram never became whole'],
    ['ip_options', 128, 'IPv4 options or IPv6 extension headers present'],
    ['keyed', 256, 'the session is told by flow_hash and tcp_acknowledgement alone (identity `arkime`)'],
    ['one_way', 512, 'all packets of the session are of its first direction (identity `arkime`)'],
    ['corrupt', 1024, 'headers that make no sense, kept as a session of the last good ones (identity `arkime`)'],
    ['ppp', 2048, 'PPP is among the headers'],
  ]),
  numbered('tunnel_type', 'Tunnel types.', [
    ['ipip', 1, 'IPv4 or IPv6 in IPv4 or IPv6 (6in4 too)'],
    ['gre', 2, 'GRE, NVGRE'],
    ['erspan', 3, 'ERSPAN I, II, III'],
    ['vxlan', 4, 'VXLAN, VXLAN-GPE'],
    ['geneve', 5, 'Geneve'],
    ['gtp_u', 6, 'GTP-U'],
    ['teredo', 7, 'Teredo'],
    ['mpls', 8, 'MPLS'],
    ['pppoe', 9, 'PPPoE'],
    ['l2tp', 10, 'L2TP'],
  ]),
  numbered('poll_status', 'Low 8 bits of what Source.poll returns.', [
    ['progress', 0, 'packets were handled; call again'],
    ['idle', 1, 'nothing came within the time-out (live)'],
    ['ring_full', 2, "a ring is full: park on this source's word until its consumer gives space back (file)"],
    ['end', 3, 'the source is exhausted and all its records are published'],
    ['failed', 4, 'the next call says why (thread pool)'],
  ]),
  numbered(
    'follow_what',
    'What is to be done for an entry of a walk; those behind `counted` are added to it. With an `odd_segment` added, only that is to be told.',
    [
      ['handle', 0, 'everything'],
      ['again', 1, 'everything, and its session may have gone by now: an entry before it is of a flow with like hash'],
      ['followed', 2, 'only what observes packets is told'],
      ['counted', 4, 'its payload, or its TCP header; the packet is counted'],
      ['opened', 8, 'the session was opened for it, and has tunnels or those who are told'],
      ['first', 16, 'it is the first payload of its side, for which somebody asks'],
    ],
  ),
  numbered('odd_segment', 'What is odd about a TCP segment; none of these bits is used in `follow_what` or `tcp_answer`.', [
    ['out_of_window', 32, 'its sequence numbers are too far off, and are not accounted'],
    ['stream_lost', 64, 'the stream begins anew with it, after others that were too far off'],
    ['refused_reset', 128, 'it is a reset that is not believed'],
  ]),
  numbered('tcp_answer', 'What came of a segment; `closes` or an `odd_segment` is added.', [
    ['taken', 0, 'it was accounted'],
    ['undecided', 1, 'it has first data of a side: it is accounted when somebody has looked at them'],
    ['apart', 8, 'the same, and they are not next in order'],
    ['nothing', 2, 'it has no sequence numbers that count: a reset, or one that is too far off'],
    ['closes', 4, 'the connection is closed, and only waits for late packets'],
  ]),
  numbered('timer_wheel', 'When sessions end by idle time (crates/capture/src/timer_wheel.rs).', [
    ['tick_us', 262_144, 'width of a bucket: 2^18 µs, about a quarter of a second'],
    ['buckets', 4096, ''],
  ]),
  ...sessionConstants,
  ...factConstants,
];

/** Counters that the capture crate writes, in order; each is one f64 of the shared counter array. */
export const captureCounters: readonly (readonly [string, string])[] = [
  ['received_packets', 'packets the source saw, the ones the kernel dropped included'],
  ['received_bytes', 'their bytes on the wire'],
  ['delivered_packets', 'packets put into worker rings'],
  ['dropped_kernel_packets', 'dropped by the kernel because the memory ring was full'],
  ['dropped_ring_full_packets', 'dropped because a worker ring was full (live)'],
  ['dropped_filtered_packets', 'left out by the BPF expression, on purpose (files)'],
  ['dropped_truncated_packets', 'too short for the headers they announce'],
  ['dropped_malformed_packets', 'headers that contradict themselves'],
  ['dropped_unsupported_packets', 'link types that cannot be dissected'],
  ['dropped_checksum_packets', 'wrong checksum, with checksum checks on'],
  ['dropped_too_large_packets', 'larger than a quarter of the ring'],
  ['fragments_packets', 'IP fragments seen'],
  ['fragments_reassembled', 'datagrams reassembled'],
  ['fragments_timeout', 'datagrams given up because a fragment was missing'],
  ['fragments_evicted', 'datagrams given up because of the memory bound'],
  ['fragments_overlap', 'fragments that overlapped earlier ones'],
  ['fragments_malformed', 'fragments that cannot belong to any datagram'],
  ['tunnels_packets', 'packets with at least one tunnel layer'],
  ['tunnels_too_deep', 'packets whose tunnels go deeper than followed; the flow is that of the deepest layer'],
  ['checksum_bad_packets', 'packets with a wrong IP, TCP or UDP checksum, when checked'],
  ['checksum_checked_packets', 'packets whose checksums were checked'],
  ['file_errors', 'files cut off or damaged; what they held before that was read'],
  ['file_bytes', 'bytes of the files read so far, as on disk'],
  ['file_total_bytes', 'bytes of all files on disk; 0 unknown'],
  ['interface_down', 'times the interface disappeared'],
  ['clock_us', 'latest packet time seen'],
  ['clock_jumps', "packets too far ahead of the source's clock to move it (max_clock_jump_secs)"],
  ['fragments_waiting_datagrams', 'datagrams that wait for fragments now'],
];
