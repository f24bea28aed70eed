// The elasticsearch output in mode arkime: what it asks of the cluster, and the documents of each kind that Arkime's viewer needs.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { batchOf } from '../kit.ts';
import { doubleOf, outputOf, prepareArkime } from './output-kit.ts';

const session = (n: number): string =>
  `{"index":{"_index":"sessions3-261120","_id":"261120-${n}"}}\n${JSON.stringify({ firstPacket: n, node: 'sensor1' })}`;

/** The next time at which slots of all intervals begin. */
const slotMs = Math.ceil(Date.now() / 600_000) * 600_000;
const second = (n: number): string => new Date(slotMs + n * 1000).toISOString().replace('Z', '000Z');

const stats = (n: number, packets: number): string =>
  JSON.stringify({
    '@timestamp': second(n),
    stats: {
      uptime_ms: n * 1000,
      counters: {
        capture: {
          eth0: { received_packets: packets, received_bytes: packets * 100, dropped_kernel_packets: 5 },
          eth1: { received_packets: 1 },
        },
        session: { '0': { opened_tcp_sessions: 3, opened_udp_sessions: 4, active_sessions: 2 } },
        output: {
          es: { written_bytes: 77, dropped_spill_full_records: 2 },
          other: { written_bytes: 99, dropped_failed_records: 9 },
        },
        output_ring: { 'es/0': { dropped_full_records: 1 } },
      },
    },
  });

const file = (state: string, more: object = {}): string =>
  JSON.stringify({
    '@timestamp': '2026-11-20T10:00:00.000000Z',
    file: { path: '/data/sensor1-261120-00000101.pcap.zst', ...(state === 'open' ? {} : { size: 4096 }) },
    pcap: {
      state,
      num: 101,
      node: 'sensor1',
      first: '2026-11-20T09:59:59.957000Z',
      start: '2026-11-20T10:00:00.001000Z',
      packet_pos_encoding: 'gap0',
      compression: 'zstd',
      uncompressed_bits: 16,
      ...more,
    },
  });

test('a cluster without Arkime, or with one too old, is refused in one clear line', async (context) => {
  const { cluster, url } = await doubleOf(context);
  const arkime = () => outputOf(context, { nodes: [url], mode: 'arkime' }).output;
  await assert.rejects(arkime().start(), {
    code: 'RT_OUTPUT',
    message: 'the cluster is not prepared for Arkime: there is no template arkime_sessions3_template',
    hint: `run Arkime's db.pl ${url} init first, with the same prefix ("arkime_")`,
  });
  prepareArkime(cluster, 82);
  await assert.rejects(arkime().start(), { code: 'RT_OUTPUT', message: /of version 82; at least 83/, hint: /db\.pl .* upgrade/ });
  prepareArkime(cluster, 83);
  cluster.resources.delete('/_template/arkime_sessions3_template');
  cluster.resources.set('/_index_template/arkime_sessions3_template', {
    template: { mappings: { _meta: { molochDbVersion: 83 } } },
  });
  await arkime().start();
  cluster.resources.delete('arkime_dstats');
  await assert.rejects(arkime().start(), { code: 'RT_OUTPUT', message: /not prepared for Arkime/ });
});

test('sessions go where their action lines say, under the prefix', async (context) => {
  const { cluster, url } = await doubleOf(context);
  prepareArkime(cluster);
  const { output, counts } = outputOf(context, {
    nodes: [url],
    mode: 'arkime',
    prefix: 'arkime',
    bulk_documents: 3,
    concurrency: 1,
  });
  await output.start();
  const batch = batchOf(...Array.from({ length: 20 }, (_, n) => ['session', session(n)] as const), [
    'session',
    '{"no":"action"}',
  ]);
  await output.write(batch);
  await output.write(batch);
  const found = [...cluster.documents].filter(([key]) => key.startsWith('arkime_sessions3-261120/261120-'));
  assert.deepEqual(
    found.map(([key, { source }]) => [key, source]),
    Array.from({ length: 20 }, (_, n) => [`arkime_sessions3-261120/261120-${n}`, { firstPacket: n, node: 'sensor1' }]),
  );
  assert.deepEqual([counts.indexed_documents, counts.refused_documents], [40, 2]);
});

test('fields: what decoders note and what the encoder writes, with their counts; definitions that are there stay', async (context) => {
  const { cluster, url } = await doubleOf(context);
  prepareArkime(cluster);
  cluster.documents.set('arkime_fields/tcpflags.syn', { version: 1, source: { friendlyName: 'mine' } });
  await outputOf(context, { nodes: [url], mode: 'arkime' }).output.start();
  const field = (expression: string): object | undefined => cluster.documents.get(`arkime_fields/${expression}`)?.source;
  assert.deepEqual(field('ssh.hasshServer'), {
    friendlyName: 'Hassh Server',
    group: 'ssh',
    help: 'Fingerprint of the server.',
    dbField2: 'ssh.hasshServer',
    type: 'lotermfield',
  });
  assert.deepEqual(field('ssh.hasshServer.cnt'), {
    friendlyName: 'Hassh Server Cnt',
    group: 'ssh',
    help: 'Unique number of Hassh Server',
    dbField2: 'ssh.hasshServerCnt',
    type: 'integer',
  });
  assert.deepEqual(field('mac.src.cnt'), {
    friendlyName: 'Src MAC Cnt',
    group: 'general',
    help: 'Unique number of Src MAC',
    dbField2: 'source.mac-cnt',
    fieldECS: 'source.mac-cnt',
    type: 'integer',
  });
  assert.deepEqual(field('tcpflags.syn'), { friendlyName: 'mine' });
  assert.equal(cluster.of('arkime_fields/').filter(({ source }) => source.help === 'Not for Arkime.').length, 0);
});

test('files are there before the sessions of their batch, in any order of their records; the sequence keeps up', async (context) => {
  const { cluster, url } = await doubleOf(context);
  prepareArkime(cluster);
  const { output, log } = outputOf(context, { nodes: [url], mode: 'arkime' });
  await output.start();
  const bulksBefore = cluster.bulks.length;
  await output.write(batchOf(['session', session(1)], ['file', file('open')]));
  assert.deepEqual(
    cluster.bulks.slice(bulksBefore).map(({ items }) => items),
    [1, 1, 1],
  );
  const stored = () => cluster.documents.get('arkime_files/sensor1-101')?.source;
  const opened = {
    num: 101,
    name: '/data/sensor1-261120-00000101.pcap.zst',
    node: 'sensor1',
    first: Date.parse('2026-11-20T09:59:59Z') / 1000,
    locked: 0,
    startTimestamp: Date.parse('2026-11-20T10:00:00.001Z'),
    firstTimestamp: Date.parse('2026-11-20T09:59:59.957Z'),
    packetPosEncoding: 'gap0',
    uncompressedBits: 16,
    compression: 'zstd',
  };
  assert.deepEqual(stored(), opened);
  assert.equal(cluster.documents.get('arkime_sequence/fn-sensor1')?.version, 101);
  const more = { packets: 7, packets_size: 9000, last: '2026-11-20T10:30:00.000000Z', finish: '2026-11-20T10:30:01.000000Z' };
  await output.write(batchOf(['file', file('closed', more)]));
  const closed = {
    ...opened,
    filesize: 4096,
    packetsSize: 9000,
    packets: 7,
    finishTimestamp: Date.parse('2026-11-20T10:30:01Z'),
    lastTimestamp: Date.parse('2026-11-20T10:30:00Z'),
  };
  assert.deepEqual(stored(), closed);
  await output.write(batchOf(['file', file('open')]));
  assert.deepEqual(stored(), closed);
  assert.doesNotMatch(log.join('\n'), /of its own/);
  await output.write(batchOf(['file', file('deleted')], ['file', file('deleted')]));
  assert.equal(stored(), undefined);
  cluster.documents.set('arkime_files/sensor1-101', { version: 1, source: { name: '/other.pcap' } });
  await output.write(batchOf(['file', file('open')]));
  assert.match(
    log.join('\n'),
    /capture file 101 of sensor1 was \/other\.pcap .* give this sensor a name of its own \(arkime\.node\)/,
  );
});

test('stats: this moment, and a slot of the ring for each interval that is over; totals go on from run to run', async (context) => {
  const { cluster, url } = await doubleOf(context);
  prepareArkime(cluster);
  cluster.documents.set('arkime_stats/sensor1', {
    version: 41,
    source: { totalPackets: 1000, totalK: 10, totalSessions: 20, totalDropped: 1 },
  });
  const { output } = outputOf(context, { nodes: [url], mode: 'arkime' });
  await output.start();
  const current = (): Record<string, unknown> => cluster.documents.get('arkime_stats/sensor1')?.source ?? {};
  assert.equal(current().totalPackets, 1000);
  await output.write(batchOf(['stats', stats(2, 1000)]));
  const { nodeName, interval, totalPackets, totalK, totalSessions, totalDropped, deltaPackets, deltaBytes, deltaDropped } =
    current();
  assert.deepEqual(
    { nodeName, interval, totalPackets, totalK, totalSessions, totalDropped, deltaPackets, deltaBytes, deltaDropped },
    {
      nodeName: 'sensor1',
      interval: 1,
      totalPackets: 2001,
      totalK: 110,
      totalSessions: 27,
      totalDropped: 6,
      deltaPackets: 1001,
      deltaBytes: 100_000,
      deltaDropped: 5,
    },
  );
  assert.deepEqual([current().deltaESDropped, current().deltaSessionBytes, current().monitoring], [3, 77, 2]);
  assert.equal(cluster.of('arkime_dstats/').length, 3);
  await output.write(batchOf(['stats', stats(4, 1200)], ['stats', stats(6, 2500)], ['stats', stats(8, 2600)]));
  await output.write(batchOf(['stats', stats(59, 2700)], ['stats', stats(61, 3000)]));
  assert.equal(current().deltaPackets, 300);
  const rings = [...cluster.documents].filter(([key]) => key.startsWith('arkime_dstats/'));
  assert.deepEqual(
    rings.map(([key, { source }]) => {
      const [slot, interval] = key.split('-').slice(1).map(Number) as [number, number];
      const first = slotMs / 1000 / interval;
      return [interval, (slot - (first % 1440) + 1440) % 1440, source.interval, source.deltaPackets];
    }),
    [
      [5, 0, 5, 1001],
      [60, 0, 60, 1001],
      [600, 0, 600, 1001],
      [5, 1, 5, 1500],
      [5, 11, 5, 200],
      [5, 12, 5, 300],
      [60, 1, 60, 2000],
    ],
  );
  // Somebody else has written for this node: one document is passed over, the next one goes behind.
  cluster.documents.set('arkime_stats/sensor1', { version: 9000, source: {} });
  await output.write(batchOf(['stats', stats(70, 4000)]));
  await output.write(batchOf(['stats', stats(72, 5000)]));
  assert.equal(current().totalPackets, 6001);
});

test('stats: what waits where, and sessions by protocol', async (context) => {
  const { cluster, url } = await doubleOf(context);
  prepareArkime(cluster);
  const { output } = outputOf(context, { nodes: [url], mode: 'arkime' });
  await output.start();
  const counters = {
    capture: { eth0: { delivered_packets: 100, received_bytes: 9000, fragments_waiting_datagrams: 3 } },
    worker: { '0/eth0': { processed_packets: 60, dropped_died_packets: 1 }, '1/eth0': { processed_packets: 30 } },
    session: {
      '0': { active_sessions: 9, active_tcp_sessions: 4, active_udp_sessions: 1, active_icmp_sessions: 1, closing_sessions: 2 },
      '1': {
        active_sessions: 4,
        active_tcp_sessions: 1,
        active_sctp_sessions: 1,
        active_esp_sessions: 1,
        active_other_sessions: 1,
      },
    },
    packet_ring: { 'pcap/0': { stored_bytes: 4000 }, 'pcap/1': { stored_bytes: 1000 } },
    output_pcap: { pcap: { waiting_writes: 7 } },
    output_ring: { 'es/0': { routed_records: 50, dropped_full_records: 5 }, 'other/0': { routed_records: 1000 } },
    output: { es: { written_records: 30, dropped_failed_records: 2, recovered_records: 4 }, other: { written_records: 1 } },
  };
  await output.write(batchOf(['stats', JSON.stringify({ '@timestamp': second(2), stats: { uptime_ms: 2000, counters } })]));
  const document = cluster.documents.get('arkime_stats/sensor1')?.source ?? {};
  const expected = {
    monitoring: 13,
    tcpSessions: 5,
    udpSessions: 1,
    icmpSessions: 1,
    sctpSessions: 1,
    espSessions: 1,
    otherSessions: 1,
    closeQueue: 2,
    packetQueue: 9,
    diskQueue: 7,
    esQueue: 17,
    frags: 3,
    deltaWrittenBytes: 5000,
    deltaUnwrittenBytes: 4000,
  };
  assert.deepEqual(Object.fromEntries(Object.keys(expected).map((key) => [key, document[key]])), expected);
});
