// What people read of numbers: units, the progress line, and the summary at the end.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { progressLine } from '../../src/cli/progress.ts';
import { summaryText, unwantedDrops } from '../../src/cli/summary.ts';
import { formatTable } from '../../src/cli/table.ts';
import { duration, grouped, scaled } from '../../src/cli/units.ts';
import { captureLike, linkLike, recordLike, samplesOf, sessionLike, workerLike } from './kit.ts';

test('numbers with three digits and a prefix', () => {
  const cases: [number, string][] = [
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.00 kB'],
    [9994, '9.99 kB'],
    [9996, '10.0 kB'],
    [99_960, '100 kB'],
    [999_499, '999 kB'],
    [999_500, '1.00 MB'],
    [1.5, '1.50 B'],
    [0.25, '0.25 B'],
    [1.234e15, '1.23 PB'],
    [5e19, '50000 PB'],
  ];
  for (const [value, text] of cases) assert.equal(scaled(value, 'B'), text);
  assert.equal(scaled(7), '7');
  assert.equal(grouped(1234567), '1,234,567');
});

test('a scaled number is never off by more than half of its last digit', () => {
  const factors: Record<string, number> = { '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12 };
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 9e14 }), (value) => {
      const [, digits, prefix] = /^([\d.]+) ([kMGT]?)x$/.exec(scaled(value, 'x')) ?? [];
      assert.ok(digits !== undefined && digits.replace('.', '').length <= 3, scaled(value, 'x'));
      assert.ok(Math.abs(Number(digits) * (factors[prefix ?? ''] as number) - value) <= value * 0.0051 + 0.001);
    }),
  );
});

test('seconds, minutes and hours', () => {
  const cases: [number, string][] = [
    [0, '0.00 s'],
    [0.424, '0.42 s'],
    [9.994, '9.99 s'],
    [9.996, '10.0 s'],
    [59.94, '59.9 s'],
    [59.96, '1:00 min'],
    [187, '3:07 min'],
    [3599.6, '1:00:00 h'],
    [7390, '2:03:10 h'],
    [360000, '100:00:00 h'],
  ];
  for (const [seconds, text] of cases) assert.equal(duration(seconds), text);
});

test('tables have columns as wide as their widest cell, without blanks at the ends', () => {
  assert.equal(
    formatTable([['A', 'BBBB', 'C'], ['aaa', 'b', 'long last cell'], [], ['x', '', '']]),
    'A    BBBB  C\naaa  b     long last cell\n\nx\n',
  );
});

test('the progress line of a file tells how far it is and how long it will take', () => {
  const samples = samplesOf([
    { set: captureLike, labels: { source: 'a' }, values: { received_bytes: 5e6, file_bytes: 2.5e6, file_total_bytes: 1e7 } },
    { set: workerLike, labels: { worker: '0' }, values: { processed_packets: 4000 } },
    { set: workerLike, labels: { worker: '1' }, values: { processed_packets: 6000 } },
    { set: sessionLike, values: { active_sessions: 12 } },
  ]);
  assert.equal(progressLine(samples, 2), '5.00 MB  10.0 kpackets  5.00 kpackets/s  20.0 Mbit/s  12 sessions  25 %  6.00 s left');
});

test('the progress line of a pipe or an interface has no end to tell', () => {
  const samples = samplesOf([{ set: captureLike, values: { received_bytes: 1000, file_bytes: 1000 } }]);
  assert.equal(progressLine(samples, 1), '1.00 kB  0 packets  0 packets/s  8.00 kbit/s  0 sessions');
});

test('the summary of a run without losses', () => {
  const samples = samplesOf([
    { set: captureLike, values: { received_packets: 12345, received_bytes: 1e6, dropped_filtered_packets: 345 } },
    { set: workerLike, values: { processed_packets: 12000 } },
    { set: sessionLike, labels: { worker: '0' }, values: { opened_tcp_sessions: 1 } },
    { set: sessionLike, labels: { worker: '1' }, values: { opened_tcp_sessions: 2, opened_udp_sessions: 1000 } },
    {
      set: recordLike,
      values: { session_records: 1003, dns_records: 7, dns_sessions: 5, anomaly_records: 2, anomaly_tcp_gap: 2 },
    },
    { set: linkLike, values: {} },
  ]);
  assert.equal(
    summaryText(samples, 2, true),
    [
      'ringtap: 12,345 packets, 1.00 MB in 2.00 s: 6.17 kpackets/s, 4.00 Mbit/s',
      'ringtap: sessions   tcp 3, udp 1,000',
      'ringtap: protocols  dns 5',
      'ringtap: records    session 1,003, dns 7, anomaly 2',
      'ringtap: anomalies  tcp_gap 2',
      'ringtap: filtered   345 packets left out by the filter',
      'ringtap: losses     none',
      '',
    ].join('\n'),
  );
  assert.deepEqual(unwantedDrops(samples), []);
});

test('losses by stage and reason, damaged files, wrong checksums, and an accounting that does not come out', () => {
  const samples = samplesOf([
    {
      set: captureLike,
      labels: { source: 'a' },
      values: { received_packets: 100, dropped_ring_full_packets: 10, file_errors: 2, checksum_checked_packets: 50 },
    },
    { set: captureLike, labels: { source: 'b' }, values: { dropped_ring_full_packets: 5, checksum_bad_packets: 10 } },
    { set: workerLike, values: { processed_packets: 80 } },
    { set: linkLike, values: { dropped_full_records: 3 } },
  ]);
  const text = summaryText(samples, 1, true);
  assert.match(text, /^ringtap: losses {5}ring packets full 15, output records full 3$/m);
  assert.match(text, /^ringtap: accounting 5 packets are neither processed nor counted as dropped: please report this$/m);
  assert.match(summaryText(samples, 1, false), /^ringtap: in flight {2}5 packets$/m);
  assert.match(text, /^ringtap: files {6}2 cut off or damaged; what they held was read$/m);
  assert.match(text, /^ringtap: hint {7}20 % of the checksums are wrong, .*-k none/m);
  assert.deepEqual(
    unwantedDrops(samples).map(({ stage, value }) => [stage, value]),
    [
      ['ring packets', 15],
      ['output records', 3],
    ],
  );
});

test('a tenth of wrong checksums is no hint', () => {
  const samples = samplesOf([{ set: captureLike, values: { checksum_checked_packets: 100, checksum_bad_packets: 10 } }]);
  assert.doesNotMatch(summaryText(samples, 1, true), /hint/);
});
