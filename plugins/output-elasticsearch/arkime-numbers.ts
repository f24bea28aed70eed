// Numbers of capture files as Arkime counts them: the version of a document of its own in the index `sequence`, which goes up with
// every write, whoever writes. Called on the thread of the output that stores packets, with a cluster of its own.

import type { NumberSource } from '../../src/plugin/index.ts';
import { type Cluster, requestError } from './cluster.ts';
import { arkimePrefix, type Options } from './options.ts';

/** Arkime's first number is 101. */
const leastNumber = 100;

interface VersionReply {
  readonly _version?: number;
  readonly found?: boolean;
}

interface ItemReply {
  readonly index?: { readonly status?: number; readonly _version?: number };
}

export class SequenceNumbers implements NumberSource {
  readonly id: string;
  readonly #cluster: Cluster;
  readonly #index: string;
  readonly #document: string;

  constructor(cluster: Cluster, options: Options, node: string) {
    this.#cluster = cluster;
    this.#index = `${arkimePrefix(options)}sequence`;
    this.#document = `fn-${node}`;
    this.id = [this.#index, ...options.nodes.toSorted()].join(' ');
  }

  /** The index is asked for first: a write would make it where `db.pl init` has not, and stand in its way. */
  async reserve(count: number, above: number): Promise<number[]> {
    const path = `/${this.#index}/_doc/${encodeURIComponent(this.#document)}`;
    const seen = await this.#cluster.request({ method: 'GET', path });
    const { _version: version = 0, found } = (seen.body ?? {}) as VersionReply;
    if (seen.status !== 200 && !(seen.status === 404 && found === false)) throw requestError(path, seen);
    const least = Math.max(above, leastNumber);
    if (version < least) {
      const query = { version: least, version_type: 'external' };
      const raised = await this.#cluster.request({ method: 'PUT', path, query, body: {} });
      // A conflict: somebody has raised it as far, or further.
      if (raised.status !== 409 && (raised.status === 0 || raised.status >= 300)) throw requestError(path, raised);
    }
    const item = `${JSON.stringify({ index: { _index: this.#index, _id: this.#document } })}\n{}\n`;
    const reply = await this.#cluster.request({
      method: 'POST',
      path: '/_bulk',
      query: { filter_path: 'items.*.status,items.*._version' },
      lines: Buffer.from(item.repeat(count)),
    });
    if (reply.status === 0 || reply.status >= 300) throw requestError(path, reply);
    const { items = [] } = reply.body as { items?: readonly ItemReply[] };
    const numbers = items.flatMap(({ index = {} }) => ((index.status ?? 500) < 300 ? [index._version ?? 0] : []));
    const usable = numbers.filter((number) => number > above).sort((a, b) => a - b);
    if (usable.length === 0) throw new Error(`${path} cannot be written now`);
    return usable;
  }

  close(): Promise<void> {
    return this.#cluster.close();
  }
}
