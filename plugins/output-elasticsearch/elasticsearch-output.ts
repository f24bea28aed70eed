// The output itself: deals a batch out to bulk requests, several at a time, and takes it only when every document has been settled.
// What the cluster cannot take now goes back to the sensor, whose policy blocks, drops or keeps it on disk. Runs on its
// output's thread.

import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { errorCodes, SensorError } from '../../src/errors.ts';
import type { Batch, Output, OutputContext } from '../../src/plugin/index.ts';
import { ArkimeMode } from './arkime-mode.ts';
import { Bulk } from './bulk.ts';
import { BulkSender, type Outcome, type RefusedDocument } from './bulk-sender.ts';
import { type Cluster, clusterOf } from './cluster.ts';
import { DeadLetters } from './dead-letters.ts';
import type { DocumentMode } from './document-mode.ts';
import { EcsMode } from './ecs-mode.ts';
import type { Options } from './options.ts';

/** Refusals that are said in words, a batch; the file has them all. */
const toldRefusals = 3;

export class ElasticsearchOutput implements Output {
  readonly #context: OutputContext;
  readonly #options: Options;
  readonly #cluster: Cluster;
  readonly #sender: BulkSender;
  readonly #mode: DocumentMode;
  readonly #deadLetters: DeadLetters;
  /** Bulks that are not in use; their memory serves again. */
  readonly #spare: Bulk[] = [];
  #isReady = false;
  #lastSmallMs = Number.NEGATIVE_INFINITY;

  constructor(context: OutputContext, options: Options) {
    this.#context = context;
    this.#options = options;
    this.#cluster = clusterOf(options, context);
    this.#sender = new BulkSender(this.#cluster, {
      itemRetryMs: options.item_retry_secs * 1000,
      retried: (documents) => context.count('retried_documents', documents),
      warn: (message) => context.log.warn(message),
    });
    const Mode = options.mode === 'arkime' ? ArkimeMode : EcsMode;
    this.#mode = new Mode({ cluster: this.#cluster, sender: this.#sender, options, context });
    const file = options.dead_letters === '' ? `${context.name}-dead-letters.ndjson` : options.dead_letters;
    this.#deadLetters = new DeadLetters(resolve(context.directory, file), options.dead_letter_max_bytes);
  }

  /** A cluster that is not prepared ends the run before the first packet; one that is away may come back, and is waited for. */
  async start(): Promise<void> {
    const reason = await this.#prepare();
    if (reason !== undefined) this.#context.log.warn(`the cluster is away, records wait for it: ${reason}`);
  }

  async #prepare(): Promise<string | undefined> {
    if (this.#isReady) return undefined;
    const readiness = await this.#mode.prepare();
    this.#isReady = readiness.ready;
    return readiness.ready ? undefined : readiness.reason;
  }

  async write(batch: Batch): Promise<void> {
    const reason = await this.#prepare();
    if (reason !== undefined) throw new SensorError(errorCodes.output, reason);
    await this.#gather(batch.byteLength);
    const outcome: Outcome = { indexed: 0, existing: 0, refused: [] };
    await this.#mode.before(batch, outcome);
    await this.#sendAll(batch, outcome);
    await this.#settle(outcome);
  }

  /** Few records wait a moment, so that the next batch has more. */
  async #gather(bytes: number): Promise<void> {
    const { bulk_bytes, bulk_wait_ms } = this.#options;
    if (bytes >= bulk_bytes / 2) return;
    const waitMs = this.#lastSmallMs + bulk_wait_ms - performance.now();
    if (waitMs > 0) await pause(waitMs, undefined, { signal: this.#cluster.closed });
    this.#lastSmallMs = performance.now();
  }

  /** Each of `concurrency` strands makes a bulk, sends it, makes the next. The first failure stops them all. */
  async #sendAll(batch: Batch, outcome: Outcome): Promise<void> {
    const { bulk_bytes, bulk_documents, concurrency } = this.#options;
    let next = 0;
    let failure: unknown;
    const fill = (bulk: Bulk): void => {
      bulk.clear();
      while (next < batch.count && bulk.count < bulk_documents) {
        if (bulk.count > 0 && bulk.byteLength + batch.length(next) > bulk_bytes) return;
        if (!this.#mode.add(batch, next, bulk)) outcome.refused.push(misfit(batch.record(next)));
        next++;
      }
    };
    const strand = async (): Promise<void> => {
      const bulk = this.#spare.pop() ?? new Bulk();
      try {
        while (failure === undefined && next < batch.count) {
          fill(bulk);
          if (bulk.count > 0) await this.#sender.send(bulk, outcome);
        }
      } catch (error) {
        failure ??= error;
      }
      if (bulk.memory.length <= bulk_bytes * 2) this.#spare.push(bulk);
    };
    await Promise.all(Array.from({ length: concurrency }, strand));
    if (failure !== undefined) throw failure;
  }

  /** Nothing of the batch is left to be sent: counts it, and puts down what was refused. Never throws. */
  async #settle({ indexed, existing, refused }: Outcome): Promise<void> {
    const { count, log } = this.#context;
    count('indexed_documents', indexed);
    count('existing_documents', existing);
    if (refused.length === 0) return;
    for (const { status, type, reason } of refused.slice(0, toldRefusals)) log.warn(`refused: HTTP ${status} ${type}: ${reason}`);
    const { written, error } = await this.#deadLetters.append(refused);
    count('refused_documents', written);
    const lost = refused.length - written;
    if (lost === 0) {
      log.warn(`${written} documents were refused for good and are in ${this.#deadLetters.path}`);
      return;
    }
    count('lost_documents', lost);
    log.error(`${lost} documents were refused for good and are lost: ${error?.message ?? `${this.#deadLetters.path} is full`}`);
  }

  async stop(): Promise<void> {
    await this.#cluster.close();
  }
}

/** A record of another format, from a disk queue that an earlier config has left. Its lines are JSON. */
function misfit(record: Buffer): RefusedDocument {
  const lines = record.toString('utf8').trimEnd().split('\n');
  const reason = 'the record has the format of another mode';
  return {
    status: 0,
    type: 'format',
    reason,
    action: lines.length > 1 ? (lines[0] as string) : '{}',
    document: lines.at(-1) as string,
  };
}
