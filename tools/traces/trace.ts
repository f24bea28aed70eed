// Makes a trace by name with its truth file. The same arguments give the same bytes.

import { statSync, writeFileSync } from 'node:fs';
import { dnsTrace } from './dns.ts';
import { elephantTrace } from './elephant.ts';
import { resetIdentification } from './frames.ts';
import { httpTrace } from './http.ts';
import { PcapFile } from './pcap-file.ts';
import { smallTrace } from './small.ts';
import { tlsTrace } from './tls.ts';
import type { Truth } from './truth.ts';

const makers = { http: httpTrace, dns: dnsTrace, small: smallTrace, tls: tlsTrace, elephant: elephantTrace };
export type TraceName = keyof typeof makers;
export const traceNames = Object.keys(makers) as TraceName[];

/** Sizes at which a run of the sensor takes a second or two. */
export const defaultSizes: Readonly<Record<TraceName, number>> = {
  http: 120_000,
  dns: 200_000,
  small: 200_000,
  tls: 40_000,
  elephant: 5000,
};

/** Writes `path` and `path.truth.json`. `size`: transactions (http, dns), flows (small, tls) or short flows (elephant). */
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
