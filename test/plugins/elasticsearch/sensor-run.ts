// The sensor writing a trace to a cluster, as a user runs it: the config, and what it should come to.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeTrace } from '../../../tools/traces/index.ts';

export interface ClusterRun {
  readonly folder: string;
  readonly config: string;
  readonly pcap: string;
  /** A capture of a few sessions, for a second run. */
  readonly small: string;
  readonly sessions: number;
  readonly smallSessions: number;
}

/** `extra`: further keys of the output, as TOML. */
export function clusterRun(folder: string, url: string, flows: number, stopSecs: number, extra: string): ClusterRun {
  const pcap = join(folder, 'trace.pcap');
  const small = join(folder, 'small.pcap');
  const few = 5;
  writeTrace('small', pcap, flows, 1);
  writeTrace('small', small, few, 99);
  const config = join(folder, 'config.toml');
  writeFileSync(
    config,
    `[[output]]
kind = "elasticsearch"
nodes = ["${url}"]
records = ["session"]
policy = "spill"
retry_max_secs = 0.5
bulk_wait_ms = 0
batch_bytes = 262144
bulk_bytes = 65536
${extra}
[workers]
stop_timeout_secs = ${stopSecs}
`,
  );
  return { folder, config, pcap, small, sessions: flows, smallSessions: few };
}
