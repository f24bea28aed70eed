// The summary on standard error at the end of a run: packets, bytes, sessions by protocol, losses by stage and reason,
// time and rate.

import { accounting, type CounterSample, type Drop, total } from '../counters/index.ts';
import { duration, grouped, scaled } from './units.ts';

/** Losses that nobody asked for; packets left out by a filter are no loss. */
export function unwantedDrops(samples: readonly CounterSample[]): Drop[] {
  return ['packets', 'records', 'sessions', 'frames']
    .flatMap((unit) => accounting(samples, unit).dropped.map((drop) => ({ ...drop, stage: `${drop.stage} ${unit}` })))
    .filter((drop) => drop.value > 0 && !drop.stage.startsWith('filter '));
}

/** More than this share of wrong checksums is a sign of offload rather than of a bad line. */
const offloadShare = 0.1;

/** `ended`: nothing is on its way in rings any more, so the accounting must come out. */
export function summaryText(samples: readonly CounterSample[], seconds: number, ended: boolean): string {
  const packets = accounting(samples, 'packets');
  const bytes = total(samples, 'capture', 'received_bytes');
  const lines = [
    `${grouped(packets.received)} packets, ${scaled(bytes, 'B')} in ${duration(seconds)}: ${scaled(packets.received / seconds, 'packets/s')}, ${scaled((bytes * 8) / seconds, 'bit/s')}`,
  ];
  lines.push(`sessions   ${listing(countersOf(samples, 'session', /^opened_(.+)_sessions$/)) || 'none'}`);
  const protocols = listing(countersOf(samples, 'record', /^(.+)_sessions$/));
  if (protocols !== '') lines.push(`protocols  ${protocols}`);
  lines.push(`records    ${listing(countersOf(samples, 'record', /^(.+)_records$/)) || 'none'}`);
  const anomalies = listing(countersOf(samples, 'record', /^anomaly_(?!records$)(.+)$/));
  if (anomalies !== '') lines.push(`anomalies  ${anomalies}`);
  const filtered = packets.dropped.find((drop) => drop.stage === 'filter')?.value ?? 0;
  if (filtered > 0) lines.push(`filtered   ${grouped(filtered)} packets left out by the filter`);
  const lost = unwantedDrops(samples).map(({ stage, reason, value }) => `${stage} ${reason} ${grouped(value)}`);
  lines.push(`losses     ${lost.join(', ') || 'none'}`);
  if (!ended) lines.push(`in flight  ${grouped(packets.inFlight)} packets`);
  else if (!packets.balanced)
    lines.push(
      `accounting ${grouped(packets.inFlight)} packets are neither processed nor counted as dropped: please report this`,
    );
  const files = total(samples, 'capture', 'file_errors');
  if (files > 0) lines.push(`files      ${grouped(files)} cut off or damaged; what they held was read`);
  const checked = total(samples, 'capture', 'checksum_checked_packets');
  const bad = total(samples, 'capture', 'checksum_bad_packets');
  if (checked > 0 && bad > checked * offloadShare) {
    lines.push(
      `hint       ${Math.round((100 * bad) / checked)} % of the checksums are wrong, as with checksum offload on the capturing host; -k none does not look at them`,
    );
  }
  return lines.map((line) => `ringtap: ${line}\n`).join('');
}

/** Sums of counters whose names match, by the part in parentheses; zeros left out. */
function countersOf(samples: readonly CounterSample[], set: string, pattern: RegExp): [string, number][] {
  const sums = new Map<string, number>();
  for (const sample of samples) {
    const name = sample.set === set ? pattern.exec(sample.name)?.[1] : undefined;
    if (name !== undefined) sums.set(name, (sums.get(name) ?? 0) + sample.value);
  }
  return [...sums].filter(([, value]) => value > 0);
}

function listing(sums: readonly [string, number][]): string {
  return sums.map(([name, value]) => `${name} ${grouped(value)}`).join(', ');
}
