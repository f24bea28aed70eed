// The plugin contract, for the plugins shipped in plugins/ and for anyone else's. A plugin sees this room,
// src/record and src/errors, nothing else. An output runs on a thread of its own with its own event loop, unless it says that
// it is light, so it may use any asynchronous library; it can be slow, and what happens then is decided by its `policy` in the config.

import type { Static, TObject } from 'typebox';
import type { FieldDocument, SessionField } from '../record/index.ts';
import type { NumberSource, PacketTaking, PluginCounter } from './packet-contract.ts';

/** Encoded records, in order. Valid until the promise of `write` settles. */
export interface Batch {
  readonly count: number;
  /** Bytes of all records together. */
  readonly byteLength: number;
  /** Encoded bytes of record `index` (for NDJSON formats with its newline). A view, not a copy. */
  record(index: number): Buffer;
  /** Record type of record `index`: `session`, `http`, … */
  type(index: number): string;
  /** Bytes of record `index`. */
  length(index: number): number;
  /** Copies record `index` to `target` at `at`; returns the end of the copy. Cheaper than `record` for many small records. */
  copy(index: number, target: Buffer, at: number): number;
  /** Copies all records to `target` from `at` on, one behind the other; returns their end. Cheaper than a `copy` for each. */
  copyAll(target: Buffer, at: number): number;
}

/** What the sensor tells a plugin of itself. Plain data: it crosses threads. */
export interface SensorFacts {
  /** Name of this sensor in documents: `arkime.node`, else the host name. */
  readonly node: string;
  /** Every field of every record type. */
  readonly fields: readonly FieldDocument[];
  /** What decoders add to a session's own record, and what Arkime calls it. */
  readonly noted: readonly SessionField[];
}

export interface OutputContext {
  /** Name of this output in the config. */
  readonly name: string;
  /** Only for plugins with `needsSensor`. */
  readonly sensor?: SensorFacts;
  /** Directory for relative paths: `-l`, else the working directory. */
  readonly directory: string;
  readonly log: {
    debug(message: string): void;
    info(message: string): void;
    warn(message: string): void;
    error(message: string): void;
  };
  /** Adds to a counter declared in the plugin's `counters`. */
  count(name: string, by?: number): void;
  /**
   * For files that grow and are not read again soon: begins writing bytes `[from, to)` of an open file to disk, and takes the
   * pages below `below` that are there out of the system's page cache. The file has to stay open until the promise settles; it
   * rejects where the system cannot. Only during a run.
   */
  writeBehind?(descriptor: number, below: number, from: number, to: number): Promise<void>;
}

export interface Output {
  /** Opens files and connections. A rejected promise stops the run with its error. */
  start?(): Promise<void>;
  /**
   * Takes a batch. Resolve when the records are as safe as this output promises; only then is their ring space given
   * back. Reject with an error: the batch is offered again after a pause (`retry_max_secs` in the config), unless the
   * error is a SensorError with code RT_OUTPUT_CLOSED, which ends the run: nobody is left to read.
   */
  write(batch: Batch): Promise<void>;
  /** Makes everything written so far durable or visible. Called at the end and on a timer. */
  flush?(): Promise<void>;
  /** SIGHUP: close and open files again. */
  reopen?(): Promise<void>;
  /** Last call. Finish before `deadlineMs` (milliseconds from now). */
  stop?(deadlineMs: number): Promise<void>;
}

/** Keys that every `[[output]]` has and that a plugin may want to judge together with its own. */
export interface CommonKeys {
  /** Record types to write; empty: those of the format. */
  readonly records: readonly string[];
  readonly format: string;
  readonly policy: string;
}

/** A key of the `[[output]]`, and what is wrong with it. */
export type ConfigProblem = readonly [key: string, message: string];

export interface OutputPlugin<Schema extends TObject = TObject> {
  readonly kind: 'output';
  /** Value of `kind` in `[[output]]`. */
  readonly name: string;
  readonly description: string;
  /** Schema of the plugin's own keys in `[[output]]`; every one with `description`, `default` and range. */
  readonly config: Schema;
  /** Counters the plugin keeps: name (snake_case, unit last) → meaning. */
  readonly counters?: Readonly<Record<string, string | PluginCounter>>;
  /** `context.sensor` is wanted; it is not made for others. */
  readonly needsSensor?: true;
  /**
   * Its work is done elsewhere, by the kernel or in Node's thread pool: each call returns at once, in the time that copying a batch takes,
   * and never blocks; what fails is the rejection of a promise that it has returned, never an error in a callback or timer of
   * its own, which would end the program; and nothing goes on after `stop`, which is also called when another call has failed. Such
   * an output of records runs on the main thread where a run reads regular files, and saves the start of a thread.
   */
  readonly light?: true;
  /** The output takes packets, not records; `create` is then never called. */
  readonly packets?: PacketTaking<Readonly<Static<Schema>>>;
  create(context: OutputContext, config: Readonly<Static<Schema>>): Output;
  /**
   * Where the sensor's capture files get their numbers from when records go to this output; undefined: with such a config it does not
   * matter. Called on the thread of the output that stores packets; counters are not its own there. `node`: name of the sensor.
   */
  fileNumbers?(context: OutputContext, config: Readonly<Static<Schema>>, node: string): NumberSource | undefined;
  /** Rules between keys, beyond the schema; called while the config is loaded. */
  check?(config: Readonly<Static<Schema>>, common: CommonKeys): readonly ConfigProblem[];
  /**
   * `ringtap setup`: prepares the place where records will go. Returns what it did, a line each; with `dryRun` it changes
   * nothing and returns what it would do, ready to be done by hand.
   */
  setup?(context: OutputContext, config: Readonly<Static<Schema>>, dryRun: boolean): Promise<readonly string[]>;
}

export type Plugin = OutputPlugin;

/** Gives type inference to a plugin's definition; plugins export the result as their default export. */
export function definePlugin<const Schema extends TObject>(plugin: OutputPlugin<Schema>): OutputPlugin<Schema> {
  return plugin;
}
