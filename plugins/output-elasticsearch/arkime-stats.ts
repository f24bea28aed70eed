// The sensor's counters as documents of Arkime's `stats` (now) and `dstats` (a ring of 1440 slots for each of three intervals). Its
// viewer draws its pages from them, and finds a sensor's host by them. Totals go on where an earlier run has stopped.

import { statfsSync } from 'node:fs';
import { hostname, totalmem } from 'node:os';
import type { Bulk } from './bulk.ts';
import type { Outcome } from './bulk-sender.ts';
import type { ModeParts } from './document-mode.ts';

/** A `stats` record: counters by set and instance. */
export interface StatsRecord {
  readonly '@timestamp'?: string;
  readonly stats?: { readonly uptime_ms?: number; readonly counters?: CounterTree };
}

type CounterTree = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, number>>>>>>;

/** Counters at a moment. */
interface Moment {
  readonly atMs: number;
  readonly cpuMs: number;
  readonly counts: Counts;
}

type Counts = Readonly<Record<(typeof countNames)[number], number>>;

const countNames = [
  'packets',
  'bytes',
  'storedBytes',
  'sessions',
  'sessionBytes',
  'drops',
  'overloadDrops',
  'fragmentDrops',
  'lost',
] as const;

/** Seconds; `stats` itself says 1. */
const intervals = [5, 60, 600];
const slots = 1440;
/** What Arkime calls this version of the documents' form. */
const formVersion = '6.7.1';
const healthEveryMs = 30_000;

const noCounts = Object.fromEntries(countNames.map((name) => [name, 0])) as Counts;

export class ArkimeStats {
  readonly #prefix: string;
  readonly #parts: ModeParts;
  readonly #node: string;
  readonly #startS: number;
  #version: number;
  #versionIsOld: boolean;
  /** Totals of the runs before. */
  #before: Counts;
  #last: Moment;
  readonly #lastOf: Map<number, Moment>;
  #healthMs: number;
  #healthAtMs: number;
  #began: boolean;
  /** Where captures are written, else where the sensor writes its other files. */
  #folder: string;
  /** Whether an instance of a set of counters is of this output. */
  readonly #isMine: (instance: string) => boolean;

  constructor(prefix: string, parts: ModeParts) {
    this.#prefix = prefix;
    this.#parts = parts;
    this.#node = parts.context.sensor?.node ?? hostname();
    const atMs = Date.now();
    this.#startS = Math.floor(atMs / 1000);
    this.#version = 0;
    this.#versionIsOld = true;
    this.#before = noCounts;
    this.#last = { atMs, cpuMs: cpuMs(), counts: noCounts };
    this.#lastOf = new Map(intervals.map((interval) => [interval, this.#last]));
    this.#healthMs = 0;
    this.#healthAtMs = Number.NEGATIVE_INFINITY;
    this.#began = false;
    this.#folder = parts.context.directory;
    const { name } = parts.context;
    this.#isMine = (instance) => instance === name || instance.startsWith(`${name}/`);
  }

  /** Reads the totals so far and says that this sensor is there, which a run over files has no other occasion to. */
  async begin(): Promise<void> {
    if (this.#began) return;
    const { cluster } = this.#parts;
    await this.#readVersion(true);
    const query = { version: this.#version + 1, version_type: 'external' };
    const body = this.#document(this.#last, this.#last, 1);
    const reply = await cluster.request({
      method: 'PUT',
      path: `/${this.#prefix}stats/_doc/${encodeURIComponent(this.#node)}`,
      query,
      body,
    });
    if (reply.status >= 300 || reply.status === 0) throw new Error(`stats: ${reply.reason}`);
    this.#version++;
    this.#began = true;
  }

  async #readVersion(withTotals: boolean): Promise<void> {
    const path = `/${this.#prefix}stats/_doc/${encodeURIComponent(this.#node)}`;
    const { status, body } = await this.#parts.cluster.request({ method: 'GET', path });
    if (status !== 200 && status !== 404) return;
    const { _version: version = 0, _source: source = {} } = body as { _version?: number; _source?: Record<string, number> };
    this.#version = Math.max(this.#version, version);
    this.#versionIsOld = false;
    if (!withTotals) return;
    const { totalPackets = 0, totalK = 0, totalSessions = 0, totalDropped = 0 } = source;
    const totals = { packets: totalPackets, bytes: totalK * 1000, sessions: totalSessions, drops: totalDropped };
    this.#before = { ...noCounts, ...totals };
  }

  /** Captures are written to this folder, whose room is shown from now on. */
  capturesIn(folder: string): void {
    this.#folder = folder;
  }

  /** Adds the documents that are due with this record. */
  async add(bulk: Bulk, record: StatsRecord): Promise<void> {
    const { counters } = record.stats ?? {};
    if (counters === undefined) return;
    const atMs = Date.parse(record['@timestamp'] ?? '') || Date.now();
    if (atMs <= this.#last.atMs) return;
    if (this.#versionIsOld) await this.#readVersion(false);
    await this.#lookAtHealth(atMs);
    const now: Moment = { atMs, cpuMs: cpuMs(), counts: this.#countsOf(counters) };
    this.#version++;
    const own = { _index: `${this.#prefix}stats`, _id: this.#node, version: this.#version, version_type: 'external' };
    bulk.addJson({ index: own }, this.#document(now, this.#last, 1, counters));
    this.#last = now;
    for (const [interval, last] of this.#lastOf) {
      const slot = slotOf(atMs, interval);
      // The first record of each slot, so that none stays empty; over what time its figures are, the document says.
      if (slot === slotOf(last.atMs, interval)) continue;
      const where = { _index: `${this.#prefix}dstats`, _id: `${this.#node}-${slot % slots}-${interval}` };
      bulk.addJson({ index: where }, this.#document(now, last, interval, counters));
      this.#lastOf.set(interval, now);
    }
  }

  /** What became of the documents: with a version conflict, somebody else writes for this node, and the next one goes behind. */
  sent({ existing }: Outcome): void {
    if (existing > 0) this.#versionIsOld = true;
  }

  async #lookAtHealth(atMs: number): Promise<void> {
    if (atMs - this.#healthAtMs < healthEveryMs) return;
    const startMs = performance.now();
    await this.#parts.cluster.request({ method: 'GET', path: '/_cat/health', query: { format: 'json' } });
    this.#healthAtMs = atMs;
    this.#healthMs = Math.round(performance.now() - startMs);
  }

  #countsOf(counters: CounterTree): Counts {
    const captured = (counter: string): number => sum(counters.capture, (key) => key === counter);
    return {
      packets: captured('received_packets'),
      bytes: captured('received_bytes'),
      storedBytes: sum(counters.packet_ring, (key) => key === 'stored_bytes'),
      sessions: sum(counters.session, (key) => /^opened_.*_sessions$/.test(key)),
      sessionBytes: sum(counters.output, (key) => key === 'written_bytes', this.#isMine),
      drops: captured('dropped_kernel_packets') + captured('dropped_ring_full_packets'),
      overloadDrops: captured('dropped_ring_full_packets'),
      fragmentDrops: sum(counters.capture, (key) => /^fragments_(timeout|evicted|malformed)$/.test(key)),
      lost:
        sum(counters.output, (key) => key.startsWith('dropped_'), this.#isMine) +
        sum(counters.output_ring, (key) => key.startsWith('dropped_'), this.#isMine) +
        sum(counters.output_elasticsearch, (key) => key === 'lost_documents', this.#isMine),
    };
  }

  #document(now: Moment, last: Moment, interval: number, counters: CounterTree = {}): object {
    const { counts } = now;
    const total = (name: keyof Counts): number => this.#before[name] + counts[name];
    const delta = (name: keyof Counts): number => Math.max(0, counts[name] - last.counts[name]);
    const held = (gauge: string): number => sum(counters.session, (key) => key === gauge);
    const elapsedMs = Math.max(1, now.atMs - last.atMs);
    const memory = process.memoryUsage.rss();
    return {
      ver: formVersion,
      nodeName: this.#node,
      hostname: hostname(),
      interval,
      currentTime: Math.floor(now.atMs / 1000),
      startTime: this.#startS,
      ...this.#space(),
      monitoring: held('active_sessions'),
      memory,
      memoryP: (memory * 100) / totalmem(),
      // Hundredths of a percent.
      cpu: Math.round(((now.cpuMs - last.cpuMs) * 10_000) / elapsedMs),
      diskQueue: sum(counters.output_pcap, (key) => key === 'waiting_writes'),
      esQueue: this.#waitingRecords(counters),
      packetQueue: waitingPackets(counters),
      // Fragments are put together, and sessions written, as soon as they are complete.
      fragsQueue: 0,
      frags: sum(counters.capture, (key) => key === 'fragments_waiting_datagrams'),
      needSave: 0,
      closeQueue: held('closing_sessions'),
      totalPackets: total('packets'),
      totalK: Math.floor(total('bytes') / 1000),
      totalSessions: total('sessions'),
      totalDropped: total('drops'),
      tcpSessions: held('active_tcp_sessions'),
      udpSessions: held('active_udp_sessions'),
      icmpSessions: held('active_icmp_sessions'),
      sctpSessions: held('active_sctp_sessions'),
      espSessions: held('active_esp_sessions'),
      otherSessions: held('active_other_sessions'),
      deltaPackets: delta('packets'),
      deltaBytes: delta('bytes'),
      deltaWrittenBytes: delta('storedBytes'),
      deltaUnwrittenBytes: Math.max(0, delta('bytes') - delta('storedBytes')),
      deltaSessions: delta('sessions'),
      deltaSessionBytes: delta('sessionBytes'),
      deltaDropped: delta('drops'),
      deltaFragsDropped: delta('fragmentDrops'),
      deltaOverloadDropped: delta('overloadDrops'),
      deltaESDropped: delta('lost'),
      deltaDupDropped: 0,
      esHealthMS: this.#healthMs,
      deltaMS: elapsedMs,
    };
  }

  /** Records for this output that the cluster has not taken yet, in memory or on disk. */
  #waitingRecords(counters: CounterTree): number {
    const came = /^(routed|recovered)_records$/;
    const went = /^(written|kept|dropped_.*)_records$/;
    const of = (keys: RegExp): number =>
      sum(counters.output_ring, (key) => keys.test(key), this.#isMine) +
      sum(counters.output, (key) => keys.test(key), this.#isMine);
    return Math.max(0, of(came) - of(went));
  }

  /** Room in that folder, in megabytes of 10⁶. */
  #space(): object {
    try {
      const { bsize, blocks, bavail } = statfsSync(this.#folder);
      const [all, free] = [blocks * bsize, bavail * bsize];
      return {
        usedSpaceM: Math.round((all - free) / 1e6),
        freeSpaceM: Math.round(free / 1e6),
        freeSpaceP: all === 0 ? 0 : (free * 100) / all,
      };
    } catch {
      return { usedSpaceM: 0, freeSpaceM: 0, freeSpaceP: 0 };
    }
  }
}

function slotOf(atMs: number, interval: number): number {
  return Math.floor(atMs / 1000 / interval);
}

/** Packets in the rings of packet workers. */
function waitingPackets({ capture, worker }: CounterTree): number {
  const went = sum(worker, (key) => key.endsWith('_packets'));
  // The counters are not of one moment.
  return Math.max(0, sum(capture, (key) => key === 'delivered_packets') - went);
}

/** Of the whole process, all threads. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Sum over the instances of a set of counters. */
function sum(
  set: CounterTree[string] | undefined,
  isWanted: (counter: string) => boolean,
  isInstance: (instance: string) => boolean = () => true,
): number {
  let total = 0;
  for (const [instance, counters] of Object.entries(set ?? {})) {
    if (!isInstance(instance)) continue;
    for (const [counter, value] of Object.entries(counters)) if (isWanted(counter)) total += value;
  }
  return total;
}
