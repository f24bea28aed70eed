// The suricata.yaml of the benches: a metadata sensor without rules, with room for every flow (nothing is dropped for
// memory), checksums not looked at, and records to one eve file. What is not said here is Suricata's own default.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Eve record types: `flow` alone, or with everything that Ringtap writes too. */
export const eveTypes = {
  flow: ['flow'],
  basic: ['flow', 'http: {extended: yes}', 'dns', 'tls: {extended: yes}'],
} as const;

export interface SuricataOptions {
  readonly types: readonly string[];
  /** Live: the interface, and how many threads capture on it. */
  readonly capture?: { readonly interface: string; readonly threads: number; readonly ringPackets: number };
}

export function suricataConfig({ types, capture }: SuricataOptions, folder: string): string {
  const empty = join(folder, 'empty.txt');
  const live =
    capture === undefined
      ? ''
      : `af-packet:
  - interface: ${capture.interface}
    threads: ${capture.threads}
    cluster-id: 98
    cluster-type: cluster_flow
    defrag: yes
    tpacket-v3: yes
    block-size: 1048576
    ring-size: ${capture.ringPackets}
    checksum-checks: no
`;
  return `%YAML 1.1
---
default-log-dir: ${folder}
stats: {enabled: yes, interval: 3600}
logging:
  default-log-level: notice
  outputs: [{console: {enabled: yes}}]
outputs:
  - eve-log: {enabled: yes, filetype: regular, filename: eve.json, types: [${types.map((type) => (type.includes(':') ? `{${type}}` : type)).join(', ')}]}
  - stats: {enabled: no}
pcap-file: {checksum-checks: no}
${live}app-layer:
  protocols:
    tls: {enabled: yes, ja3-fingerprints: yes, detection-ports: {dp: 443}}
    http: {enabled: yes, libhtp: {default-config: {personality: IDS, request-body-limit: 100kb, response-body-limit: 100kb}}}
    dns: {tcp: {enabled: yes, detection-ports: {dp: 53}}, udp: {enabled: yes, detection-ports: {dp: 53}}}
defrag: {memcap: 128mb, hash-size: 65536, trackers: 65535, max-frags: 65535, prealloc: yes, timeout: 60}
flow: {memcap: 3gb, hash-size: 262144, prealloc: 10000, emergency-recovery: 30}
stream: {memcap: 3gb, checksum-validation: no, inline: no, reassembly: {memcap: 6gb, depth: 1mb}}
app-layer-parser: {memcap: 2gb}
default-rule-path: ${folder}
rule-files: []
classification-file: ${empty}
reference-config-file: ${empty}
threshold-file: ${empty}
max-pending-packets: 4096
`;
}

/** Writes the config into a folder; returns its path. */
export function writeSuricataConfig(options: SuricataOptions, folder: string): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'empty.txt'), '');
  const path = join(folder, 'suricata.yaml');
  writeFileSync(path, suricataConfig(options, folder));
  return path;
}
