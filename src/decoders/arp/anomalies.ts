// What can be wrong with ARP.

import { defineAnomalies } from '../../record/index.ts';

export const arpAnomalies = defineAnomalies('arp', {
  not_ipv4_over_ethernet: 'A packet is too short, or is not about IPv4 addresses and Ethernet.',
});
