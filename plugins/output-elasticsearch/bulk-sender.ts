// Sends bulk requests and reads what became of each document: taken, there already, to be sent again, or refused for good.

import { setTimeout as pause } from 'node:timers/promises';
import { errorCodes, SensorError } from '../../src/errors.ts';
import type { Bulk } from './bulk.ts';
import { type Cluster, type ClusterReply, requestError } from './cluster.ts';

/** What became of the documents of a batch. Counted only when all of it has been settled: a batch may come again. */
export interface Outcome {
  indexed: number;
  /** There already: an earlier request had come through, though its answer had not. */
  existing: number;
  readonly refused: RefusedDocument[];
}

export interface RefusedDocument {
  readonly status: number;
  readonly type: string;
  readonly reason: string;
  /** JSON. */
  readonly action: string;
  /** JSON; '' where the action has none. */
  readonly document: string;
}

export interface SenderOptions {
  readonly itemRetryMs: number;
  /** Called with the number of documents sent again. */
  retried(documents: number): void;
  warn(message: string): void;
}

interface ItemReply {
  readonly status?: number;
  readonly error?: { readonly type?: string; readonly reason?: string };
}

const firstPauseMs = 50;
const pauseMostMs = 5000;

/** Only what is looked at comes back. */
const replyFilter = 'errors,items.*.status,items.*.error.type,items.*.error.reason';

/** Errors that have the status of a faulty document, but are the cluster's own and pass. */
const passing: ReadonlySet<string> = new Set([
  'index_closed_exception',
  'cluster_block_exception',
  'index_not_found_exception',
  'security_exception',
  'no_such_remote_cluster_exception',
]);

export class BulkSender {
  readonly #cluster: Cluster;
  readonly #options: SenderOptions;

  constructor(cluster: Cluster, options: SenderOptions) {
    this.#cluster = cluster;
    this.#options = options;
  }

  /**
   * Sends a bulk until each document is settled and adds that to `outcome`. Throws `RT_OUTPUT` when the cluster does not answer or
   * cannot take some of them for longer than the options allow; what `outcome` has then means nothing.
   */
  async send(bulk: Bulk, outcome: Outcome, query: Readonly<Record<string, string | number>> = {}): Promise<void> {
    const all = Array.from({ length: bulk.count }, (_, item) => item);
    await this.#sendItems(bulk, all, outcome, query, performance.now() + this.#options.itemRetryMs);
  }

  async #sendItems(
    bulk: Bulk,
    items: readonly number[],
    outcome: Outcome,
    query: Readonly<Record<string, string | number>>,
    deadlineMs: number,
  ): Promise<void> {
    let pending = items;
    for (let pauseMs = firstPauseMs; pending.length > 0; pauseMs = Math.min(pauseMs * 2, pauseMostMs)) {
      const lines = bulk.linesOf(pending);
      const reply = await this.#cluster.request({
        method: 'POST',
        path: '/_bulk',
        query: { ...query, filter_path: replyFilter },
        lines,
      });
      if (reply.status === 413) {
        await this.#sendHalves(bulk, pending, outcome, query, deadlineMs, reply);
        return;
      }
      let reason = reply.reason;
      if (reply.status >= 200 && reply.status < 300) [pending, reason] = this.#settle(bulk, pending, outcome, reply);
      else if (reply.status !== 429 && reply.status < 500) throw requestError('bulk request', reply);
      if (pending.length === 0) return;
      // Full jitter: several sensors that were turned away together do not come back together.
      const waitMs = pauseMs * (0.5 + Math.random() / 2);
      if (performance.now() + waitMs > deadlineMs)
        throw new SensorError(errorCodes.output, `${pending.length} documents were not taken: ${reason}`);
      this.#options.retried(pending.length);
      await pause(waitMs, undefined, { signal: this.#cluster.closed });
    }
  }

  /** The cluster, or a proxy before it, takes no request of that size. */
  async #sendHalves(
    bulk: Bulk,
    items: readonly number[],
    outcome: Outcome,
    query: Readonly<Record<string, string | number>>,
    deadlineMs: number,
    reply: ClusterReply,
  ): Promise<void> {
    const [first] = items;
    if (items.length === 1 && first !== undefined) {
      const [action, document] = bulk.textOf(first);
      outcome.refused.push({ status: 413, type: 'too_large', reason: reply.reason, action, document });
      return;
    }
    const half = items.length >> 1;
    this.#options.warn(`a bulk request of ${items.length} documents was too large for the cluster; bulk_bytes should be less`);
    await this.#sendItems(bulk, items.slice(0, half), outcome, query, deadlineMs);
    await this.#sendItems(bulk, items.slice(half), outcome, query, deadlineMs);
  }

  /** Settles what the answer says of each item. Returns those to be sent again, and why. */
  #settle(bulk: Bulk, sent: readonly number[], outcome: Outcome, reply: ClusterReply): [pending: number[], reason: string] {
    const { errors, items } = reply.body as { errors?: boolean; items?: readonly Record<string, ItemReply>[] };
    if (items?.length !== sent.length)
      throw new SensorError(errorCodes.output, `the answer to ${sent.length} documents has ${items?.length ?? 0} items`);
    if (errors === false) {
      outcome.indexed += sent.length;
      return [[], ''];
    }
    const pending: number[] = [];
    let reason = '';
    for (const [index, item] of sent.entries()) {
      const [operation = '', result = {}] = Object.entries(items[index] as Record<string, ItemReply>)[0] ?? [];
      const { status = 500, error } = result;
      // A deletion of what is gone already, or a document or version that is there already: done, if not by this request.
      const isDone = (status === 404 && operation === 'delete') || status === 409;
      if (status < 300) outcome.indexed++;
      else if (isDone) outcome.existing++;
      else if (isPassing(status, error?.type)) {
        pending.push(item);
        reason ||= `HTTP ${status} ${error?.type ?? ''}: ${error?.reason ?? ''}`;
      } else {
        const [action, document] = bulk.textOf(item);
        outcome.refused.push({ status, type: error?.type ?? '', reason: error?.reason ?? '', action, document });
      }
    }
    return [pending, reason];
  }
}

function isPassing(status: number, type: string | undefined): boolean {
  return status === 429 || status === 401 || status >= 500 || (type !== undefined && passing.has(type));
}
