// How many sessions have been opened and closed, and how many there are of each kind. The addon counts those it opens; of those that
// close the session engine tells on its packet worker. All it does is add to counters.

import type { CounterBlock } from '../counters/index.ts';
import type { SessionEnd } from '../record/index.ts';
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

/** Where the addon counts sessions: by IP protocol, and in all. */
export const censusCounters = {
  openedCounters: opened,
  activeCounters: active,
  activeCounter: C.active_sessions,
  closingCounter: C.closing_sessions,
};

export class SessionCensus {
  readonly #counters: CounterBlock;

  constructor(counters: CounterBlock) {
    this.#counters = counters;
  }

  /** A session only waits for late packets from here on. */
  closing(): void {
    this.#add(C.closing_sessions, 1);
  }

  /** `protocol`: of IP, 0 to 255. */
  closed(protocol: number, wasClosing: boolean, reason: Exclude<SessionEnd, 'part'>): void {
    this.#add(closedCounter[reason], 1);
    this.#add(active[protocol] as number, -1);
    this.#add(C.active_sessions, -1);
    if (wasClosing) this.#add(C.closing_sessions, -1);
  }

  #add(index: number, by: number): void {
    this.#counters[index] = (this.#counters[index] as number) + by;
  }
}
