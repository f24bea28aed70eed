// What the two modes of this output have to say: whether the cluster is ready for them, and what a record becomes there.

import type { Batch, OutputContext } from '../../src/plugin/index.ts';
import type { Bulk } from './bulk.ts';
import type { BulkSender, Outcome } from './bulk-sender.ts';
import type { Cluster } from './cluster.ts';
import type { Options } from './options.ts';

export interface ModeParts {
  readonly cluster: Cluster;
  readonly sender: BulkSender;
  readonly options: Options;
  readonly context: Pick<OutputContext, 'name' | 'directory' | 'log' | 'sensor'>;
}

export interface DocumentMode {
  /**
   * Makes sure that the cluster is prepared. Called before the first document, again after it failed. 'unreachable' when there
   * is no answer to go by. Throws `RT_OUTPUT` with a hint when something has to be done first.
   */
  prepare(): Promise<Readiness>;
  /** Sends what has to be there before the documents of the batch are. */
  before(batch: Batch, outcome: Outcome): Promise<void>;
  /** Adds record `index` of the batch to a bulk; nothing where `before` has sent it. False: it has not the form of this mode. */
  add(batch: Batch, index: number, bulk: Bulk): boolean;
}

export type Readiness = { readonly ready: true } | { readonly ready: false; readonly reason: string };
