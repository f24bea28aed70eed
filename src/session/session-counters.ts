// What the session engine counts, one block a packet worker.

import { defineCounters } from '../counters/index.ts';
import type { SessionEnd } from '../record/index.ts';

export const sessionCounters = defineCounters('session', {
  packets: { help: 'Packets that the session table took.' },
  active_sessions: { help: 'Sessions in the table.', kind: 'gauge' },
  opened_tcp_sessions: { help: 'TCP sessions opened.' },
  opened_udp_sessions: { help: 'UDP sessions opened.' },
  opened_icmp_sessions: { help: 'ICMP and ICMPv6 sessions opened.' },
  opened_sctp_sessions: { help: 'SCTP sessions opened.' },
  opened_other_sessions: { help: 'Sessions of other protocols and of layer 2 opened.' },
  closed_fin_sessions: { help: 'Sessions closed by both sides.' },
  closed_reset_sessions: { help: 'Sessions reset.' },
  closed_timeout_sessions: { help: 'Sessions ended by their idle time.' },
  closed_evicted_sessions: { help: 'Sessions closed early because the table was full.' },
  closed_reused_sessions: { help: 'Sessions ended by a new connection on the same ports.' },
  closed_stopped_sessions: { help: 'Sessions still open at the end of the source.' },
  closed_rule_sessions: { help: 'Sessions closed because a rule said so.' },
  saved_parts: { help: 'Parts of long sessions saved.' },
  recognised_sessions: { help: 'Sessions whose protocol a decoder recognised.' },
  handed_over_sessions: { help: 'Sessions whose stream went over to another protocol.' },
  refused_handovers: { help: 'Handovers refused because the session had had too many.' },
  tcp_retransmitted_packets: { help: 'TCP segments that held nothing new.' },
  tcp_out_of_order_packets: { help: 'TCP segments that came after later ones.' },
  tcp_out_of_window_packets: { help: 'TCP segments too far off to belong to the stream.' },
  tcp_ignored_resets: { help: 'TCP resets outside the window.' },
  tcp_queued_segments: { help: 'TCP segments that waited for a missing one.' },
  tcp_queued_bytes: { help: 'Memory of the TCP segments waiting now.', kind: 'gauge' },
  tcp_forgotten_holes: { help: 'Holes no longer followed, because a direction had too many; they count as missing.' },
  stream_gaps: { help: 'Holes that a decoder was told of.' },
  stream_gap_bytes: { help: 'Bytes of those holes.' },
  holes_given_up_acked: { help: 'Holes given up because the receiver had acknowledged the missing bytes.' },
  holes_given_up_time: { help: 'Holes given up because the wait was over.' },
  holes_given_up_segments: { help: 'Holes given up because too many segments waited.' },
  holes_given_up_bytes: { help: 'Holes given up because too many bytes waited.' },
  holes_given_up_total: { help: 'Holes given up because too many bytes waited in the worker.' },
  holes_given_up_end: { help: 'Holes left when their session ended.' },
  probing_bytes: { help: 'Memory of the first bytes of directions whose protocol is undecided.', kind: 'gauge' },
  refused_probings: { help: 'Directions not looked at any longer, because too many bytes of undecided ones are kept.' },
  note_bytes: { help: 'Memory of the values noted for records of sessions.', kind: 'gauge' },
  dropped_note_values: { help: 'Values left out of session records because a field had enough, or all together.' },
  cut_note_values: { help: 'Values of session records cut to their longest length.' },
  rule_matches: { help: 'Times that rules have acted on sessions.' },
  rule_hidden_sessions: { help: 'Records of sessions, or of parts of them, that were not written because a rule said so.' },
  rule_passed_packets: { help: 'Packets passed over because a rule has dropped what they belong to.' },
  anomalies: { help: 'Anomalies seen, repeated ones included.' },
  suppressed_anomalies: { help: 'Anomalies without a record, because the session already had one of its name.' },
});

const C = sessionCounters.index;

/** Counter of closed sessions by the reason of their end. */
export const closedCounter: Readonly<Record<Exclude<SessionEnd, 'part'>, number>> = {
  fin: C.closed_fin_sessions,
  reset: C.closed_reset_sessions,
  timeout: C.closed_timeout_sessions,
  evicted: C.closed_evicted_sessions,
  reused: C.closed_reused_sessions,
  rule: C.closed_rule_sessions,
  stopped: C.closed_stopped_sessions,
};
