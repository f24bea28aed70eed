// Makes a trace by name with its truth file. The same arguments give the same bytes.

import { statSync, writeFileSync } from 'node:fs';
import { dnsTrace } from './dns.ts';
import { resetIdentification } from './frames.ts';
import { httpTrace } from './http.ts';
import { PcapFile } from './pcap-file.ts';
import { smallTrace } from './small.ts';
import type { Truth } from './truth.ts';

const makers = { http: httpTrace, dns: dnsTrace, small: smallTrace };
export type TraceName = keyof typeof makers;
export const traceNames = Object.keys(makers) as TraceName[];

/** Writes `path` and `path.truth.json`. `size`: transactions (http, dns) or flows (small). */
export function writeTrace(name: TraceName, path: string, size: number, seed = 1): Truth {
  resetIdentification();
  const file = new PcapFile(path);
  const truth = makers[name](file, size, seed);
  file.close();
  truth.packets = file.packets;
  truth.frame_bytes = file.frameBytes;
  truth.file_bytes = statSync(path).size;
  writeFileSync(`${path}.truth.json`, `${JSON.stringify(Object.fromEntries(Object.entries(truth).sort()), null, 1)}\n`);
  return truth;
}
