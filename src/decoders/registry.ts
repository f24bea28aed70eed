// Every decoder that ships with the sensor, in the order in which they are asked. A new decoder is added here and nowhere
// else.

import { arpDecoder } from './arp/index.ts';
import { bgpDecoder } from './bgp/index.ts';
import type { DecoderDefinition } from './contract.ts';
import { diameterDecoder } from './diameter/index.ts';
import { dnsDecoder } from './dns/index.ts';
import { httpDecoder } from './http/index.ts';
import { icmpDecoder } from './icmp/index.ts';
import { lldpDecoder, logicalLinkDecoder } from './link-layer/index.ts';
import { modbusDecoder } from './modbus/index.ts';
import { igmpDecoder, pimDecoder } from './multicast/index.ts';
import { ospfDecoder } from './ospf/index.ts';
import { smtpDecoder } from './smtp/index.ts';
import { tdsDecoder } from './tds/index.ts';
import { tlsDecoder } from './tls/index.ts';

export const decoderDefinitions: readonly DecoderDefinition[] = [
  tlsDecoder,
  httpDecoder,
  dnsDecoder,
  bgpDecoder,
  diameterDecoder,
  modbusDecoder,
  tdsDecoder,
  smtpDecoder,
  // Told by number.
  icmpDecoder,
  arpDecoder,
  ospfDecoder,
  igmpDecoder,
  pimDecoder,
  lldpDecoder,
  logicalLinkDecoder,
];
