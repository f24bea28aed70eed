// Owns all threads of a run and the memory between them: rings, parking lot, counters. Starts outputs, packet workers
// and sources in that order, replaces what dies, and ends when the sources have ended and everything behind them has
// drained. Main thread; never touches a packet.

import { availableParallelism } from 'node:os';
import { type Config, type OutputConfig, outputName, type SourceConfig, sourceName } from '../config/index.ts';
import { type CounterHandle, CounterRegistry, type CounterSet, captureCounterSet, defineCounters } from '../counters/index.ts';
import { errorCodes, SensorError } from '../errors.ts';
import { type Abort, OutputLink, outputLinkCounters, packetLinkCounters, recordCounters } from '../pipeline/index.ts';
import type { OutputPlugin } from '../plugin/index.ts';
import type { CaptureFile, RecordRegistry, StatsSnapshot } from '../record/index.ts';
import { closeAbandonedRing, type ParkingLot, RingWriter } from '../ring/index.ts';
import { dropsAnything, filtersOf, type RuleDefinition } from '../rules/index.ts';
import { DropTable, sessionCounters } from '../session/index.ts';
import { waitLongerToCompile } from './compile-patience.ts';
import { encodersOf } from './encoders.ts';
import { FileCapture, isRegular } from './file-capture.ts';
import { FolderSources } from './folder-sources.ts';
import { threadCounters } from './gc-pauses.ts';
import { MainOutput, needsNoThread } from './main-output.ts';
import { MainPackets, needsNoPacketThread } from './main-packets.ts';
import { MainRecords } from './main-records.ts';
import { outputCounters } from './output-counters.ts';
import { packetInputCounters } from './packet-loop.ts';
import { packetOutputCounters } from './packet-output-runner.ts';
import { isLive, PacketOutputs, pluginCounters } from './packet-outputs.ts';
import {
  type CaptureWorkerData,
  type LogLevel,
  type OutputWorkerData,
  type PacketWorkerData,
  type RulesMessage,
  Signal,
} from './protocol.ts';
import type { ReportedFile } from './read-files.ts';
import { type RingStatus, RunRings } from './run-rings.ts';
import { sensorFacts } from './sensor-facts.ts';
import {
  type PacketThread,
  type ReplaceableThread,
  type RunningThread,
  Thread,
  type ThreadEvents,
  type ThreadState,
} from './thread.ts';

export const supervisorCounters = defineCounters('supervisor', {
  workers_died: { help: 'Worker threads that died and were replaced.' },
  lost_sessions: {
    help: 'Sessions lost with the packet worker that owned them.',
    dropped: { stage: 'worker', reason: 'died' },
  },
});
const C = supervisorCounters.index;

export interface LoadedPlugin {
  readonly plugin: OutputPlugin;
  /** URL of its module. */
  readonly url: string;
}

export interface SupervisorOptions {
  readonly config: Config;
  readonly records: RecordRegistry;
  /** Checked; default none. */
  readonly rules?: readonly RuleDefinition[];
  /** Output plugins by the `kind` of the outputs. */
  readonly plugins: ReadonlyMap<string, LoadedPlugin>;
  /** Folder for relative paths of outputs. */
  readonly directory: string;
  /** URL of the program that captures with libpcap; sources of kind `cap` need it. */
  readonly capProgram?: string;
  log(level: LogLevel, message: string): void;
}

export interface ThreadStatus {
  readonly name: string;
  readonly state: ThreadState;
  readonly restarts: number;
}

interface CaptureMember {
  readonly source: SourceConfig;
  readonly name: string;
  readonly member: number;
}

/** What a kind of thread does of its own when something happens to it. */
interface OwnEvents {
  died(cause: Error): void;
  done(): void;
  failed?(cause: Error): void;
  read?(file: ReportedFile): void;
}

const minuteMs = 60_000;

/** URL of an entry point, which lies beside this module; bundled, it is JavaScript. */
function entryUrl(file: 'capture.ts' | 'packet.ts' | 'output.ts'): URL {
  return new URL(import.meta.url.endsWith('.ts') ? file : file.replace('.ts', '-thread.cjs'), import.meta.url);
}

export class Supervisor {
  readonly counters: CounterRegistry;
  readonly startedAt = Date.now();
  /** Settles when the run is over; rejects with what ended it early. */
  readonly finished: Promise<void>;
  readonly #options: SupervisorOptions;
  readonly #rings: RunRings;
  readonly #lot: ParkingLot;
  readonly #captures: RunningThread[] = [];
  readonly #packets: PacketThread[] = [];
  readonly #outputs: ReplaceableThread<OutputWorkerData>[] = [];
  readonly #ownCounters: Float64Array;
  readonly #recordSet: CounterSet;
  /** Times of the last deaths. */
  readonly #deaths: number[] = [];
  /** Start the threads, in the order in which they were made. */
  readonly #starters: (() => void)[] = [];
  readonly #takers: PacketOutputs;
  readonly #folders: FolderSources;
  #ownRecords: MainRecords | undefined;
  #settle!: { resolve: () => void; reject: (error: Error) => void };
  #failure: Error | undefined;
  #stopping = false;
  #aborted = false;
  #rules: readonly RuleDefinition[];
  readonly #drops: SharedArrayBuffer | undefined;
  #over = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#rules = options.rules ?? [];
    this.#drops = dropsAnything(this.#rules) ? DropTable.memory() : undefined;
    this.finished = new Promise<void>((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    this.finished.catch(() => {});
    const { config } = options;
    const members = captureMembers(config.sources);
    const packetWorkers = config.workers.packet === 0 ? availableParallelism() : config.workers.packet;
    this.#takers = new PacketOutputs(
      config,
      ({ common }) => options.plugins.get(common.kind),
      options.directory,
      members.map(({ name }) => name),
      packetWorkers,
    );
    this.#folders = new FolderSources(
      members.map(({ source }) => source),
      packetWorkers,
      config.outputs.length,
      options.directory,
      options.log,
    );
    const roomy = needsNoPacketThread(config, options.plugins, packetWorkers);
    this.#rings = new RunRings(config, members.length, packetWorkers, this.#takers, roomy);
    this.#lot = this.#rings.lot;
    this.#recordSet = recordCounters(options.records).set;
    this.counters = new CounterRegistry({
      expected: [
        { set: supervisorCounters, instances: 1 },
        { set: captureCounterSet, instances: members.length },
        { set: packetInputCounters, instances: members.length * packetWorkers },
        { set: sessionCounters, instances: packetWorkers },
        { set: this.#recordSet, instances: packetWorkers },
        { set: outputLinkCounters, instances: config.outputs.length * (packetWorkers + 1) },
        { set: outputCounters, instances: config.outputs.length },
        { set: packetLinkCounters, instances: this.#takers.count * packetWorkers },
        { set: packetOutputCounters, instances: this.#takers.count },
        { set: threadCounters, instances: members.length + packetWorkers + config.outputs.length },
      ],
    });
    this.#ownCounters = this.counters.block(supervisorCounters).values;
    this.#createOutputs(packetWorkers);
    for (let index = 0; index < packetWorkers; index++) this.#createPacketWorker(index, packetWorkers, members);
    for (const [index, member] of members.entries()) this.#createCapture(index, member);
    this.#createRecords(packetWorkers);
  }

  #createOutputs(packetWorkers: number): void {
    const { config, plugins, records, directory } = this.#options;
    const readsFiles = config.sources.every(isRegular);
    for (const [index, output] of config.outputs.entries()) {
      const loaded = plugins.get(output.common.kind);
      if (loaded === undefined) throw new SensorError(errorCodes.plugin, `there is no output plugin ${output.common.kind}`);
      const name = outputName(output.common);
      const threadName = `output-${name}`;
      const onMain = readsFiles && needsNoThread(loaded.plugin, output, packetWorkers);
      const data: OutputWorkerData = {
        lot: this.#lot.buffer,
        park: this.#rings.parkOfOutput(index),
        cpus: [],
        pauses: onMain ? undefined : this.#pausesOf(threadName),
        name,
        config: output,
        plugin: loaded.url,
        sensor: loaded.plugin.needsSensor ? sensorFacts(config, records) : undefined,
        rings: this.#rings.output[index] as SharedArrayBuffer[],
        recordTypes: records.types.map((type) => type.name),
        directory,
        stopTimeoutMs: config.workers.stop_timeout_secs * 1000,
        counters: this.#handle(outputCounters, { output: name }),
        pluginCounters: this.#handle(pluginCounters(loaded.plugin), { output: name }),
        packets: this.#takers.wiring(index, (set, labels) => this.#handle(set, labels)),
        successor: false,
        progress: this.#folders.progressOfOutput(index),
      };
      const events: OwnEvents = {
        died: (cause) => {
          this.counters.clearGauges(pluginCounters(loaded.plugin), { output: name });
          this.#replace(thread, cause, () => thread.start({ ...data, successor: true }));
        },
        failed: (cause) => {
          // Nobody takes from its rings any more, so draining would only wait for the deadline.
          this.#fail(cause);
          this.abort();
        },
        done: () => this.#checkEnd(),
      };
      const thread = onMain
        ? new MainOutput(threadName, loaded.plugin, this.#eventsOf(threadName, events))
        : this.#newThread(threadName, 'output.ts', events);
      this.#outputs.push(thread);
      this.#starters.push(() => thread.start(data));
    }
    // The counters of every link exist before a worker asks for them, the one of the main thread included.
    for (let worker = 0; worker <= packetWorkers; worker++)
      for (const [output] of this.#recordOutputs()) this.#linkHandle(outputName(output.common), worker);
  }

  /** Pauses of the garbage collector are looked at only where somebody can see them. */
  #pausesOf(thread: string): CounterHandle | undefined {
    const { sources, admin } = this.#options.config;
    const watched = admin.enabled || sources.some((source) => source.kind === 'af_packet');
    return watched ? this.#handle(threadCounters, { thread }) : undefined;
  }

  #linkHandle(output: string, worker: number): CounterHandle {
    return this.#handle(outputLinkCounters, { output, worker: String(worker) });
  }

  #createPacketWorker(index: number, workers: number, members: readonly CaptureMember[]): void {
    const { config } = this.#options;
    const labels = { worker: String(index) };
    const cpus = config.workers.cpus;
    const data: PacketWorkerData = {
      lot: this.#lot.buffer,
      park: this.#rings.parkOfPacket(index),
      pauses: this.#pausesOf(`packet-${index}`),
      cpus: cpus.length === 0 ? [] : [cpus[index % cpus.length] as number],
      workers,
      inputs: members.map((member, capture) => ({
        ring: (this.#rings.packet[capture] as SharedArrayBuffer[])[index] as SharedArrayBuffer,
        sourceIndex: capture,
        counters: this.#handle(packetInputCounters, { ...labels, source: member.name }),
      })),
      outputs: this.#recordOutputs().map(([{ common }, output]) => ({
        ring: (this.#rings.output[output] as SharedArrayBuffer[])[index] as SharedArrayBuffer,
        softBytes: this.#rings.softBytes(output),
        policy: this.#rings.hasRoom ? 'yield' : common.policy === 'auto' ? 'block' : common.policy,
        records: common.records,
        format: common.format,
        ordered: common.ordered,
        counters: this.#linkHandle(outputName(common), index),
      })),
      packets: this.#takers.ofWorker(index, this.#rings.output, (set, names) => this.#handle(set, names)),
      live: isLive(config),
      session: config.session,
      decoders: config.decoders,
      names: config.names,
      signatures: config.signatures,
      rules: this.#rules,
      drops: this.#drops,
      records: config.records,
      arkime: config.arkime,
      sessionCounters: this.#handle(sessionCounters, labels),
      recordCounters: this.#handle(this.#recordSet, labels),
      successor: false,
      progress: this.#folders.progressOfPacket(index),
    };
    const events: OwnEvents = {
      died: (cause) => {
        const lost = this.counters.block(sessionCounters, labels).values[sessionCounters.index.active_sessions] as number;
        this.counters.clearGauges(sessionCounters, labels);
        this.#count(C.lost_sessions, lost);
        this.#options.log('error', `packet-${index} died with ${lost} open sessions, which are lost`);
        this.#replace(thread, cause, () => thread.start({ ...data, rules: this.#rules, successor: true }));
      },
      done: () => this.#checkEnd(),
    };
    const name = `packet-${index}`;
    const thread: PacketThread = this.#rings.hasRoom
      ? new MainPackets(name, this.#eventsOf(name, events))
      : this.#newThread(name, 'packet.ts', events);
    this.#packets.push(thread);
    this.#starters.push(() => thread.start(data));
  }

  #createCapture(index: number, { source, name, member }: CaptureMember): void {
    const { config } = this.#options;
    const cpus = source.cpus;
    const data: CaptureWorkerData = {
      lot: this.#lot.buffer,
      park: this.#rings.parkOfCapture(index),
      pauses: this.#pausesOf(`capture-${name}`),
      cpus: cpus.length === 0 ? [] : [cpus[member % cpus.length] as number],
      source,
      fanoutGroup: process.pid & 0xffff,
      fragments: config.fragments,
      hashVlan: config.session.track_vlan,
      hashVni: config.session.track_vni,
      session: config.session,
      ruleFilters: filtersOf(this.#rules),
      rings: this.#rings.packet[index] as SharedArrayBuffer[],
      counters: this.#handle(captureCounterSet, { source: name }),
      directory: this.#options.directory,
      capProgram: this.#options.capProgram,
    };
    const gone = (cause: Error): void => {
      // The source is the ring's only producer: without it nobody would ever tell the workers that it has ended.
      for (const ring of data.rings) closeAbandonedRing(ring, this.#lot);
      this.#fail(cause);
    };
    const threadName = `capture-${name}`;
    const events = {
      died: gone,
      failed: gone,
      done: () => this.#checkEnd(),
      read: (file: ReportedFile) => this.#folders.read(index, file),
    };
    if (isRegular(source)) {
      const capture = new FileCapture(threadName, this.#eventsOf(threadName, events));
      this.#captures.push(capture);
      this.#starters.push(() => capture.start(data, source));
    } else {
      const thread = this.#newThread(threadName, 'capture.ts', events);
      this.#captures.push(thread);
      this.#starters.push(() => thread.start(data));
    }
  }

  /** Outputs that take records, with their numbers. */
  #recordOutputs(): [OutputConfig, number][] {
    return this.#options.config.outputs
      .map((output, index): [OutputConfig, number] => [output, index])
      .filter(([, index]) => !this.#takers.takes(index));
  }

  #createRecords(packetWorkers: number): void {
    const { config, records } = this.#options;
    const abort: Abort = { aborted: true };
    const outputs = this.#recordOutputs().map(([{ common }, output]) => ({
      link: new OutputLink(
        new RingWriter((this.#rings.output[output] as SharedArrayBuffer[])[packetWorkers] as SharedArrayBuffer, this.#lot),
        'drop',
        this.counters.block(outputLinkCounters, { output: outputName(common), worker: String(packetWorkers) }).values,
        abort,
      ),
      records: common.records,
      format: common.format,
      ordered: common.ordered,
    }));
    this.#ownRecords = new MainRecords(records, encodersOf(config, records, outputs), outputs);
  }

  /** Starts all threads, the ones that drain first. Rejects with the first error of a thread that cannot start. */
  async start(): Promise<void> {
    this.#folders.start({
      lot: this.#lot,
      packetRings: this.#rings.packet,
      outputRings: this.#rings.output,
      parkOfPacket: (index) => this.#rings.parkOfPacket(index),
      parkOfOutput: (index) => this.#rings.parkOfOutput(index),
    });
    for (const starter of this.#starters) starter();
    try {
      await Promise.all(this.threads().map((thread) => thread.ready));
      waitLongerToCompile(this.#rings.hasRoom);
    } catch (error) {
      this.#fail(error as Error);
      this.abort();
      throw error;
    }
  }

  /** Sources stop reading; what was received is drained. After the configured time the rest is dropped and counted. */
  stop(): void {
    if (this.#stopping) return;
    this.#stopping = true;
    for (let index = 0; index < this.#captures.length; index++) this.#lot.signal(this.#rings.parkOfCapture(index), Signal.stop);
    const timer = setTimeout(() => this.abort(), this.#options.config.workers.stop_timeout_secs * 1000);
    timer.unref();
  }

  /** Ends now: packets and records still in rings are dropped and counted. */
  abort(): void {
    if (this.#aborted) return;
    this.#aborted = true;
    for (let word = 1; word < this.#lot.count; word++) this.#lot.signal(word, Signal.stop | Signal.abort);
    // A thread that does not even hear this is killed; its state is lost, and the run must still end.
    const timer = setTimeout(() => {
      for (const thread of this.threads()) void thread.terminate();
    }, 5000);
    timer.unref();
  }

  /** Asks the outputs to close and open their files again. */
  reopen(): void {
    for (let index = 0; index < this.#outputs.length; index++) this.#lot.signal(this.#rings.parkOfOutput(index), Signal.reopen);
  }

  /**
   * Other rules are in force from now on.
   * @returns why they are not: what they need was not made at the start
   */
  setRules(rules: readonly RuleDefinition[]): string | undefined {
    if (filtersOf(rules).join('\n') !== filtersOf(this.#rules).join('\n')) return 'their bpf expressions are others';
    if ((this.#options.rules ?? []).length === 0 && rules.length > 0) return 'there were none before';
    if (dropsAnything(rules) && this.#drops === undefined) return 'none has dropped packets before';
    this.#rules = rules;
    for (const [index, thread] of this.#packets.entries()) {
      thread.send({ type: 'rules', rules } satisfies RulesMessage);
      this.#lot.signal(this.#rings.parkOfPacket(index), Signal.rules);
    }
    return undefined;
  }

  /** Puts a stats record into the rings of the outputs that want it. */
  writeStats(stats: StatsSnapshot): void {
    if (this.#over || this.#packets.every((thread) => thread.state === 'done')) return;
    this.#ownRecords?.stats(stats);
  }

  threads(): RunningThread[] {
    return [...this.#outputs, ...this.#packets, ...this.#captures];
  }

  status(): ThreadStatus[] {
    return this.threads().map(({ name, state, restarts }) => ({ name, state, restarts }));
  }

  /** Fill level of every ring. */
  rings(): RingStatus[] {
    return this.#rings.status(this.#captures, this.#packets, this.#outputs);
  }

  #handle(set: CounterSet, labels: Readonly<Record<string, string>>): CounterHandle {
    const { buffer, base, size } = this.counters.block(set, labels);
    return { buffer, base, size };
  }

  #count(index: number, by: number): void {
    this.#ownCounters[index] = (this.#ownCounters[index] as number) + by;
  }

  #newThread(name: string, file: Parameters<typeof entryUrl>[0], events: OwnEvents): Thread {
    return new Thread(name, entryUrl(file), this.#eventsOf(name, events));
  }

  /** `events` with what is done of every thread. */
  #eventsOf(name: string, events: OwnEvents): ThreadEvents {
    return {
      log: (level, message) => this.#options.log(level, `${name}: ${message}`),
      died: (cause) => {
        if (this.#over) return;
        events.died(cause);
        this.#checkEnd();
      },
      failed: (cause) => {
        (events.failed ?? ((error: Error) => this.#fail(error)))(cause);
        this.#checkEnd();
      },
      done: () => events.done(),
      file: (file: CaptureFile) => this.#ownRecords?.file(file),
      read: (file) => events.read?.(file),
    };
  }

  /** A thread that died gets a successor, unless threads keep dying or the run is being cut short. */
  #replace(thread: ReplaceableThread<never>, cause: Error, restart: () => void): void {
    const { log, config } = this.#options;
    log('error', `${thread.name} died: ${cause.stack ?? cause.message}`);
    this.#count(C.workers_died, 1);
    if (this.#aborted) return;
    const now = Date.now();
    this.#deaths.push(now);
    while (this.#deaths.length > 0 && now - (this.#deaths[0] as number) > minuteMs) this.#deaths.shift();
    if (this.#deaths.length > config.workers.restart_limit) {
      this.#fail(
        new SensorError(
          errorCodes.worker,
          `${this.#deaths.length} worker threads died within a minute; the last: ${cause.message}`,
          {
            cause,
            hint: 'workers.restart_limit bounds this',
          },
        ),
      );
      this.abort();
      return;
    }
    thread.state = 'starting';
    thread.restarts++;
    restart();
    this.#folders.threadDied();
  }

  /** Remembers the first error and ends the run. */
  #fail(cause: Error): void {
    this.#failure ??= cause;
    this.stop();
  }

  #checkEnd(): void {
    if (this.#over) return;
    // The main thread closes its rings once nobody is left whose files it has records of.
    const takers = this.#outputs.filter((_, index) => this.#takers.takes(index));
    if (this.#packets.every(hasEnded) && takers.every(hasEnded)) this.#ownRecords?.close(this.#aborted);
    if (this.#packets.every(hasEnded) && this.#packets.some((thread) => thread.state === 'failed')) {
      // Rings of workers that will not close them any more.
      this.#rings.closeOutputs();
    }
    if (!this.threads().every(hasEnded)) return;
    this.#over = true;
    this.#folders.end(this.#failure === undefined && !this.#aborted);
    if (this.#failure === undefined) this.#settle.resolve();
    else this.#settle.reject(this.#failure);
  }
}

function hasEnded(thread: RunningThread): boolean {
  return thread.state === 'done' || thread.state === 'failed';
}

/** One capture worker for each file source, as many as configured for an interface. */
function captureMembers(sources: readonly SourceConfig[]): CaptureMember[] {
  return sources.flatMap((source) => {
    const name = sourceName(source);
    const workers = source.kind === 'af_packet' ? source.workers : 1;
    return Array.from({ length: workers }, (_, member) => ({ source, name: workers > 1 ? `${name}/${member}` : name, member }));
  });
}
