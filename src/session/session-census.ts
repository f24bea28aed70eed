// Which counters have how many sessions were opened and closed, how many there are of each kind, and what was odd about TCP
// segments. The addon counts (crates/capture/src/session_store.rs), whoever opens and ends sessions and takes segments.

import { sessionEnds } from '../record/index.ts';
import { Protocol } from './protocols.ts';
import { closedCounter, sessionCounters } from './session-counters.ts';

const C = sessionCounters.index;

/** Counters by IP protocol. */
function tableOf(others: number, own: Readonly<Record<number, number>>): number[] {
  const table = new Array<number>(256).fill(others);
  for (const [protocol, counter] of Object.entries(own)) table[Number(protocol)] = counter;
  return table;
}

const opened = tableOf(C.opened_other_sessions, {
  [Protocol.tcp]: C.opened_tcp_sessions,
  [Protocol.udp]: C.opened_udp_sessions,
  [Protocol.icmp]: C.opened_icmp_sessions,
  [Protocol.icmpv6]: C.opened_icmp_sessions,
  [Protocol.sctp]: C.opened_sctp_sessions,
});

const active = tableOf(C.active_other_sessions, {
  [Protocol.tcp]: C.active_tcp_sessions,
  [Protocol.udp]: C.active_udp_sessions,
  [Protocol.icmp]: C.active_icmp_sessions,
  [Protocol.icmpv6]: C.active_icmp_sessions,
  [Protocol.sctp]: C.active_sctp_sessions,
  [Protocol.esp]: C.active_esp_sessions,
  [Protocol.authentication]: C.active_esp_sessions,
});

/** Where the addon counts sessions: by IP protocol, in all, and by the number of the reason of their end. */
export const censusCounters = {
  opened,
  active,
  all: C.active_sessions,
  closing: C.closing_sessions,
  closed: sessionEnds.map((end) => (end === 'part' ? null : closedCounter[end])),
};

/** Where the addon counts odd TCP segments. */
export const segmentCounters = {
  retransmitted: C.tcp_retransmitted_packets,
  outOfOrder: C.tcp_out_of_order_packets,
  outOfWindow: C.tcp_out_of_window_packets,
  ignoredResets: C.tcp_ignored_resets,
  forgottenHoles: C.tcp_forgotten_holes,
};
