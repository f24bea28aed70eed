// What the supervisor and its worker threads say to each other: the start data of each kind of worker, the messages a
// worker sends, and the signal bits by which the supervisor reaches a thread that never looks at messages.

import type { Config, OutputConfig, SourceConfig } from '../config/index.ts';
import type { CounterHandle } from '../counters/index.ts';
import { type ErrorCode, SensorError } from '../errors.ts';
import type { OutputFormat, OverloadPolicy } from '../pipeline/index.ts';
import type { PacketForm, SensorFacts } from '../plugin/index.ts';
import type { CaptureFile } from '../record/index.ts';
import type { RuleDefinition } from '../rules/index.ts';
import type { ReportedFile } from './read-files.ts';

/** Bits for `ParkingLot.signal`. */
export const Signal = {
  /** Drain what has been received, then end. Sources stop reading. */
  stop: 1,
  /** The deadline is over: count what is left as dropped and end now. */
  abort: 2,
  /** Close and open files again. */
  reopen: 4,
  /** Packet workers: other rules have come as a message. */
  rules: 8,
  /** Say how far you are, in the memory of `Progress`: packet workers when they have published, outputs when they have flushed. */
  survey: 16,
} as const;

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

export interface ThreadData {
  /** Memory of `Progress`, where somebody waits for what was received to be written. */
  readonly progress?: SharedArrayBuffer | undefined;
  /** Shared memory of the parking lot, and this thread's word in it. */
  readonly lot: SharedArrayBuffer;
  readonly park: number;
  /** CPUs to pin to; empty: not pinned. */
  readonly cpus: readonly number[];
  /** Where pauses of the garbage collector are counted; without it they are not looked at. */
  readonly pauses: CounterHandle | undefined;
}

export interface CaptureWorkerData extends ThreadData {
  readonly source: SourceConfig;
  readonly fanoutGroup: number;
  readonly fragments: Config['fragments'];
  /** Whether VLAN ids and tunnel ids are part of a flow's identity. */
  readonly hashVlan: boolean;
  readonly hashVni: boolean;
  readonly session: Config['session'];
  /** BPF expressions of which packets carry marks, behind those of the session table. */
  readonly ruleFilters: readonly string[];
  /** One ring a packet worker. */
  readonly rings: readonly SharedArrayBuffer[];
  readonly counters: CounterHandle;
  /** Folder for relative paths. */
  readonly directory: string;
  /** URL of the program that captures with libpcap. */
  readonly capProgram: string | undefined;
}

export interface PacketInput {
  readonly ring: SharedArrayBuffer;
  /** n-th capture worker of the run. */
  readonly sourceIndex: number;
  readonly counters: CounterHandle;
}

export interface PacketOutput {
  readonly ring: SharedArrayBuffer;
  /** How much of it is meant to be used; undefined: all. */
  readonly softBytes: number | undefined;
  readonly policy: OverloadPolicy;
  readonly records: readonly string[];
  readonly format: OutputFormat;
  readonly ordered: boolean;
  readonly counters: CounterHandle;
}

/** An output that takes packets, as one packet worker sees it. */
export interface PacketsOutput {
  readonly ring: SharedArrayBuffer;
  readonly policy: 'block' | 'drop';
  readonly form: PacketForm;
  /** With form `files`. */
  readonly desk: SharedArrayBuffer | undefined;
  readonly counters: CounterHandle;
}

export interface PacketWorkerData extends ThreadData {
  /** Packet workers in the run: bounds given for the whole run are divided by it. */
  readonly workers: number;
  readonly inputs: readonly PacketInput[];
  readonly outputs: readonly PacketOutput[];
  readonly packets: readonly PacketsOutput[];
  /** Sources are interfaces. */
  readonly live: boolean;
  readonly session: Config['session'];
  readonly decoders: Config['decoders'];
  readonly names: Config['names'];
  readonly signatures: Config['signatures'];
  readonly rules: readonly RuleDefinition[];
  /** What rules have dropped; undefined when none of them drops anything. */
  readonly drops: SharedArrayBuffer | undefined;
  readonly records: Config['records'];
  readonly arkime: Config['arkime'];
  readonly sessionCounters: CounterHandle;
  readonly recordCounters: CounterHandle;
  /** Takes the place of a worker that died: what it was handling is skipped and counted. */
  readonly successor: boolean;
}

export interface OutputWorkerData extends ThreadData {
  readonly name: string;
  readonly config: OutputConfig;
  /** URL of the plugin's module. */
  readonly plugin: string;
  /** For plugins that need it. */
  readonly sensor: SensorFacts | undefined;
  /** One ring a packet worker, then that of the main thread, which outputs that take packets have none of. */
  readonly rings: readonly SharedArrayBuffer[];
  /** Record type names by their number. */
  readonly recordTypes: readonly string[];
  readonly directory: string;
  readonly stopTimeoutMs: number;
  readonly counters: CounterHandle;
  readonly pluginCounters: CounterHandle;
  /** When the plugin takes packets. */
  readonly packets: PacketsWiring | undefined;
  /** Takes the place of a thread that died. */
  readonly successor: boolean;
}

export interface PacketsWiring {
  readonly form: PacketForm;
  /** One a packet worker, with form `files`. */
  readonly desks: readonly SharedArrayBuffer[];
  readonly node: string;
  readonly sources: readonly string[];
  /** Outputs that may know where numbers of files come from. */
  readonly numbers: readonly NumberProvider[];
  readonly counters: CounterHandle;
}

export interface NumberProvider {
  /** Name of the output. */
  readonly name: string;
  /** URL of the plugin's module. */
  readonly plugin: string;
  readonly config: OutputConfig['own'];
}

/** What the supervisor sends a packet worker. */
export interface RulesMessage {
  readonly type: 'rules';
  readonly rules: readonly RuleDefinition[];
}

/** An error as it crosses threads. */
export interface ErrorReport {
  readonly code: ErrorCode | undefined;
  readonly message: string;
  readonly hint: string | undefined;
  readonly stack: string | undefined;
}

export type WorkerMessage =
  | { readonly type: 'ready' }
  /** An output has finished or deleted a capture file. */
  | { readonly type: 'file'; readonly file: CaptureFile }
  /** A capture worker has delivered the last packet of a file of its folder. */
  | { readonly type: 'read'; readonly file: ReportedFile }
  | { readonly type: 'log'; readonly level: LogLevel; readonly message: string }
  /** The worker ends because of an operating error (not a programmer's error). */
  | { readonly type: 'failed'; readonly error: ErrorReport }
  /** The worker has finished its work; its exit follows. */
  | { readonly type: 'done' };

export function reportError(error: unknown): ErrorReport {
  if (error instanceof SensorError) return { code: error.code, message: error.message, hint: error.hint, stack: undefined };
  if (error instanceof Error) return { code: undefined, message: error.message, hint: undefined, stack: error.stack };
  return { code: undefined, message: String(error), hint: undefined, stack: undefined };
}

export function restoreError(report: ErrorReport): Error {
  if (report.code !== undefined)
    return new SensorError(report.code, report.message, report.hint === undefined ? {} : { hint: report.hint });
  const error = new Error(report.message);
  if (report.stack !== undefined) error.stack = report.stack;
  return error;
}
