// The IP protocols that the session room treats each in its own way.

export const Protocol = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58, sctp: 132 } as const;
