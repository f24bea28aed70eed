// The `[session]` table of the config: every bound and time of the session room.

import { type Static, Type } from 'typebox';

const seconds = (description: string, value: number) =>
  Type.Integer({ description, default: value, minimum: 1, maximum: 86_400 });

export const sessionConfig = Type.Object(
  {
    max_sessions: Type.Integer({
      description:
        'Most sessions tracked at once, all packet workers together; each worker takes its share. The one whose idle time ends first is closed for a new one. 280 bytes each, taken when first used.',
      default: 1_000_000,
      minimum: 16,
      maximum: 8_000_000,
    }),
    identity: Type.Union([Type.Literal('flow'), Type.Literal('arkime')], {
      description:
        'How packets are dealt to sessions: `flow`, or as Arkime does it (ICMP by hosts, IGMP, PIM, LLDP, IS-IS and ARP as it has them, DHCP by client; idle sessions end when the clock was past their time before their next packet came). `arkime` where an output has an arkime format, unless it is set here.',
      default: 'flow',
    }),
    same_network: Type.Array(
      Type.Object(
        {
          id: Type.Integer({ minimum: 0, maximum: 16_777_215, description: 'What they count as.' }),
          ids: Type.Array(Type.Integer({ minimum: 0, maximum: 16_777_215 }), {
            description: 'VLAN ids, or with track_vni tunnel ids.',
          }),
        },
        { additionalProperties: false },
      ),
      {
        description: 'VLANs or overlay networks that count as one where their ids tell sessions apart (identity `arkime`).',
        default: [],
      },
    ),
    keep_packets: Type.Array(
      Type.Object(
        {
          filter: Type.String({ minLength: 1, description: 'BPF expression; the first packet of a session is asked.' }),
          packets: Type.Integer({ minimum: 0, maximum: 4_294_967_295, description: 'So many packets of the session are kept.' }),
        },
        { additionalProperties: false },
      ),
      {
        description:
          'Sessions of which only the first packets are kept on disk and have positions; they get the tag `truncated-pcap`. The first filter that matches counts.',
        default: [],
        maxItems: 16,
      },
    ),
    odd_packets: Type.Union([Type.Literal('none'), Type.Literal('corrupt'), Type.Literal('all')], {
      description:
        'Documents of packets that are no sessions otherwise (identity `arkime`): those whose headers make no sense (`corrupt-ip`, `corrupt-ether`), with `all` also those of unknown protocols (`unknown-ip`, `unknown-ether`).',
      default: 'none',
    }),
    tags: Type.Array(Type.String({ minLength: 1 }), {
      description: 'Tags that every session has; -t on the command line adds to them.',
      default: [],
      maxItems: 64,
    }),
    track_esp: Type.Boolean({
      description: 'Documents of ESP by its hosts (identity `arkime`); only its first packet is kept.',
      default: false,
    }),
    idle_esp_secs: seconds('As idle_udp_secs, for ESP and AH, in seconds.', 600),
    idle_tcp_secs: seconds('A TCP session without packets for so long is over, in seconds of packet time.', 480),
    idle_tcp_opening_secs: seconds('The same before the handshake is answered, in seconds.', 60),
    idle_udp_secs: seconds('The same for UDP, in seconds.', 60),
    idle_icmp_secs: seconds('The same for ICMP and ICMPv6, in seconds.', 10),
    idle_sctp_secs: seconds('The same for SCTP, in seconds.', 60),
    idle_other_secs: seconds('The same for every other protocol and for layer 2, in seconds.', 60),
    close_linger_secs: seconds(
      'A TCP session that was closed by both sides or reset waits so long for late packets, in seconds.',
      5,
    ),
    save_secs: Type.Integer({
      description:
        'A session is saved in parts, one each time it has lasted so long (with its next packet), in seconds; 0 never.',
      default: 480,
      minimum: 0,
      maximum: 604_800,
    }),
    save_packets: Type.Integer({
      description: 'A session is saved in parts of at most so many packets; 0 for no limit.',
      default: 0,
      minimum: 0,
      maximum: 1_000_000_000,
    }),
    track_vlan: Type.Boolean({
      description: 'Whether the two outer VLAN ids are part of what tells sessions apart (set the flow hash alike).',
      default: false,
    }),
    track_vni: Type.Boolean({
      description: 'Whether the innermost tunnel id is part of what tells sessions apart (set the flow hash alike).',
      default: false,
    }),
    tcp_midstream: Type.Boolean({
      description: 'Whether decoders see TCP sessions whose start was not captured. The sessions are recorded anyway.',
      default: true,
    }),
    tcp_queue_segments: Type.Integer({
      description: 'Most TCP segments per direction that wait for a missing one; then the hole is given up.',
      default: 256,
      minimum: 1,
      maximum: 65_536,
    }),
    tcp_queue_bytes: Type.Integer({
      description: 'Most bytes of waiting TCP segments per direction; then the hole is given up.',
      default: 524_288,
      minimum: 1_500,
      maximum: 67_108_864,
    }),
    tcp_queue_total_bytes: Type.Integer({
      description:
        'Most memory of waiting TCP segments per packet worker, 256 bytes each and their payload; beyond it a session gives its own hole up.',
      default: 134_217_728,
      minimum: 65_536,
      maximum: 8_589_934_592,
    }),
    tcp_hole_wait_ms: Type.Integer({
      description:
        'TCP segments wait so long for a missing one, in milliseconds of packet time, looked at with the next packet of the session.',
      default: 5_000,
      minimum: 0,
      maximum: 600_000,
    }),
    tcp_acked_hole_wait_ms: Type.Integer({
      description:
        'The same once the receiver has acknowledged the missing bytes, so that only the capture can still be late with them, in milliseconds.',
      default: 10,
      minimum: 0,
      maximum: 600_000,
    }),
    probe_datagrams: Type.Integer({
      description: 'Datagrams of a session that are looked at before its protocol counts as unknown.',
      default: 4,
      minimum: 1,
      maximum: 255,
    }),
    probe_total_bytes: Type.Integer({
      description:
        'Most memory per packet worker for the first bytes of TCP directions whose protocol is undecided; beyond it the protocol of more of them stays unknown.',
      default: 67_108_864,
      minimum: 4_096,
      maximum: 8_589_934_592,
    }),
    decoder_notes: Type.Boolean({
      description:
        "Decoders add what they find to the session's record too (`dns.question.name`, `tls.server.hash`), beside records of their own. Without it only tags are added, unless rules or Arkime's documents want the others.",
      default: true,
    }),
    max_note_values: Type.Integer({
      description: 'Most distinct values of one field that decoders add to a session record.',
      default: 32,
      minimum: 1,
      maximum: 10_000,
    }),
    max_note_bytes: Type.Integer({
      description: 'Longest value in characters that decoders add to a session record; longer ones are cut.',
      default: 1_024,
      minimum: 16,
      maximum: 65_536,
    }),
    note_total_bytes: Type.Integer({
      description: 'Most memory per packet worker for the values that decoders add to session records; more are left out.',
      default: 268_435_456,
      minimum: 4_096,
      maximum: 8_589_934_592,
    }),
    community_id_seed: Type.Integer({
      description: 'Seed of the community id.',
      default: 0,
      minimum: 0,
      maximum: 65_535,
    }),
  },
  { additionalProperties: false, description: 'How packets are put together to sessions, and for how long.' },
);

export type SessionConfig = Readonly<Static<typeof sessionConfig>>;

/** A config with the defaults of the schema; `overrides` for what differs. */
export function defaultSessionConfig(overrides: Partial<SessionConfig> = {}): SessionConfig {
  const defaults = Object.fromEntries(
    Object.entries(sessionConfig.properties).map(([name, property]) => [
      name,
      (property as unknown as { default: unknown }).default,
    ]),
  ) as SessionConfig;
  return { ...defaults, ...overrides };
}

/** What Arkime has where Ringtap has other defaults (its settings tcpTimeout, maxPackets and the length of fields). */
export const arkimeSessionDefaults: Partial<SessionConfig> = {
  identity: 'arkime',
  tcp_midstream: false,
  idle_tcp_opening_secs: 480,
  save_packets: 10_000,
  max_note_values: 10_000,
  max_note_bytes: 16_384,
};
