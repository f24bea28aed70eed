// The IP protocols that the session room treats each in its own way, and what it looks up by protocol number.

import type { SessionConfig } from './session-config.ts';

export const Protocol = { icmp: 1, tcp: 6, udp: 17, esp: 50, authentication: 51, icmpv6: 58, sctp: 132 } as const;

/** Idle time in milliseconds by IP protocol. */
export function idleTable(config: SessionConfig): Int32Array {
  const table = new Int32Array(256).fill(config.idle_other_secs * 1000);
  table[Protocol.tcp] = config.idle_tcp_secs * 1000;
  table[Protocol.udp] = config.idle_udp_secs * 1000;
  table[Protocol.icmp] = config.idle_icmp_secs * 1000;
  table[Protocol.icmpv6] = config.idle_icmp_secs * 1000;
  table[Protocol.sctp] = config.idle_sctp_secs * 1000;
  if (config.identity === 'arkime') {
    table[Protocol.esp] = config.idle_esp_secs * 1000;
    table[Protocol.authentication] = config.idle_esp_secs * 1000;
  }
  return table;
}
