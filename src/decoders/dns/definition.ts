// DNS as recognition, configuration and the field registry see it.

import type { RecordType } from '../../record/index.ts';
import type { DecoderDefinition } from '../contract.ts';
import { dnsAnomalies } from './anomalies.ts';
import { DnsDecoder, llmnrPort, mdnsPort, variantOf } from './decoder.ts';
import { headerBytes } from './domain-name.ts';
import { type DnsOptions, dnsOptions } from './options.ts';
import { dnsForms, probeDns } from './probe.ts';
import { queriesField } from './query-objects.ts';
import { dnsRecordType, noted } from './record.ts';

export const dnsDecoder: DecoderDefinition = {
  name: 'dns',
  title: 'DNS over UDP and TCP, multicast DNS, LLMNR',
  transports: ['udp', 'tcp'],
  ports: [53, mdnsPort, llmnrPort],
  nameOf: variantOf,
  forms: dnsForms,
  leastDatagram: headerBytes,
  // The length, an id, and no flags yet.
  waitsBelow: 6,
  records: [dnsRecordType as RecordType<never>],
  sessionFields: [...Object.values(noted), queriesField],
  anomalies: Object.values(dnsAnomalies),
  options: dnsOptions,
  probe: probeDns,
  create: (context, options) => new DnsDecoder(context, options as unknown as DnsOptions),
};
