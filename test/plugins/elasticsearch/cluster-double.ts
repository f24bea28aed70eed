// An HTTP double of a cluster: index templates, documents, bulk requests with an answer for each item, and the ways in which a
// cluster can be out of sorts: items refused, 429, slow answers, connections cut before or after the work was done. With a
// `journal` it keeps documents in a file before it answers, so that it can be killed and started again. As a program of its
// own: `cluster-double.ts PORT JOURNAL`.

import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

/** What happens to the next bulk request, or to one of its items. */
export type Mishap =
  | { readonly kind: 'status'; readonly status: number }
  /** No answer: the connection is cut, when the documents are in already or before. */
  | { readonly kind: 'cut'; readonly taken: boolean }
  | { readonly kind: 'slow'; readonly ms: number };

export interface ItemError {
  readonly status: number;
  readonly type: string;
}

export interface StoredDocument {
  readonly version: number;
  readonly source: Record<string, unknown>;
}

interface Reply {
  readonly status: number;
  readonly body?: object;
}

export interface DoubleOptions {
  readonly journal?: string;
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Says that it is Elasticsearch; OpenSearch does not. */
  readonly product?: boolean;
}

type Operation = Readonly<Record<string, unknown>> & { readonly _index: string; readonly _id: string };

export class ClusterDouble {
  readonly #server: Server;
  readonly #options: DoubleOptions;
  /** `index/id` → document. */
  readonly documents = new Map<string, StoredDocument>();
  readonly resources = new Map<string, unknown>();
  /** Taken by bulk requests, first come first served. */
  readonly mishaps: Mishap[] = [];
  /** Asked for each item of a bulk request. */
  itemError: (document: Record<string, unknown>, attempt: number) => ItemError | undefined;
  /** Documents of the requests so far, and what they were like. */
  readonly bulks: { readonly items: number; readonly bytes: number; readonly gzip: boolean; readonly authorization: string }[] =
    [];
  readonly requests: string[] = [];
  /** Bulk requests at a time. */
  mostAtOnce = 0;
  #atOnce = 0;
  maxBulkBytes = Number.POSITIVE_INFINITY;
  readonly #attempts = new Map<string, number>();

  constructor(options: DoubleOptions = {}) {
    this.#options = options;
    this.itemError = () => undefined;
    const serve = (request: IncomingMessage, response: ServerResponse): void => void this.#serve(request, response);
    this.#server = options.tls === undefined ? createServer(serve) : createSecureServer(options.tls, serve);
    if (options.journal !== undefined && existsSync(options.journal)) this.#replay(options.journal);
  }

  async listen(port = 0): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
    const scheme = this.#options.tls === undefined ? 'http' : 'https';
    return `${scheme}://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Documents of the indices that begin so. */
  of(prefix: string): StoredDocument[] {
    return [...this.documents].filter(([key]) => key.startsWith(prefix)).map(([, document]) => document);
  }

  #replay(journal: string): void {
    for (const line of readFileSync(journal, 'utf8').split('\n')) {
      if (!line.endsWith('}')) continue;
      const { key, document } = JSON.parse(line) as { key: string; document: StoredDocument };
      this.documents.set(key, document);
    }
  }

  #store(key: string, document: StoredDocument): void {
    this.documents.set(key, document);
    if (this.#options.journal !== undefined) appendFileSync(this.#options.journal, `${JSON.stringify({ key, document })}\n`);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const packed = Buffer.concat(chunks);
    const gzip = request.headers['content-encoding'] === 'gzip';
    const body = gzip ? gunzipSync(packed) : packed;
    const url = new URL(request.url ?? '/', 'http://double');
    this.requests.push(`${request.method} ${url.pathname}`);
    let reply: Reply | undefined;
    if (url.pathname === '/_bulk') {
      const authorization = request.headers.authorization ?? '';
      this.#atOnce++;
      this.mostAtOnce = Math.max(this.mostAtOnce, this.#atOnce);
      reply = await this.#bulk(body, gzip, authorization);
      this.#atOnce--;
    } else reply = this.#plain(request.method ?? 'GET', url.pathname, body, url.searchParams);
    if (reply === undefined) {
      request.socket.destroy();
      return;
    }
    if (this.#options.product !== false) response.setHeader('x-elastic-product', 'Elasticsearch');
    response.writeHead(reply.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(reply.body ?? {}));
  }

  async #bulk(body: Buffer, gzip: boolean, authorization: string): Promise<Reply | undefined> {
    const mishap = this.mishaps.shift();
    if (mishap?.kind === 'status') return { status: mishap.status, body: { error: { type: 'out_of_sorts', reason: 'told to' } } };
    if (mishap?.kind === 'slow') await new Promise((resolve) => setTimeout(resolve, mishap.ms));
    if (mishap?.kind === 'cut' && !mishap.taken) return undefined;
    if (body.length > this.maxBulkBytes) return { status: 413, body: { error: { type: 'too_large', reason: 'body' } } };
    const lines = body.toString('utf8').split('\n');
    const items: object[] = [];
    for (let at = 0; at < lines.length && lines[at] !== ''; at++) {
      const [operation, where] = Object.entries(JSON.parse(lines[at] as string) as Record<string, Operation>)[0] as [
        string,
        Operation,
      ];
      const document = operation === 'delete' ? {} : (JSON.parse(lines[++at] as string) as Record<string, unknown>);
      items.push({ [operation]: this.#item(operation, where, document) });
    }
    this.bulks.push({ items: items.length, bytes: body.length, gzip, authorization });
    if (mishap?.kind === 'cut') return undefined;
    const errors = items.some((item) => (Object.values(item)[0] as { status: number }).status >= 300);
    return { status: 200, body: { errors, items } };
  }

  #item(
    operation: string,
    where: Operation,
    document: Record<string, unknown>,
  ): { status: number; _version?: number; error?: object } {
    const key = `${where._index}/${where._id}`;
    const attempt = (this.#attempts.get(key) ?? 0) + 1;
    this.#attempts.set(key, attempt);
    const error = this.itemError(document, attempt);
    if (error !== undefined) return { status: error.status, error: { type: error.type, reason: 'told to' } };
    const known = this.documents.get(key);
    if (operation === 'delete') return { status: this.documents.delete(key) ? 200 : 404 };
    if (operation === 'create' && known !== undefined)
      return { status: 409, error: { type: 'version_conflict_engine_exception', reason: 'there' } };
    let version = (known?.version ?? 0) + 1;
    if (where.version_type === 'external') {
      if ((where.version as number) < version) return { status: 409, error: { type: 'version_conflict_engine_exception' } };
      version = where.version as number;
    }
    const source = operation === 'update' ? { ...known?.source, ...(document.doc as object) } : document;
    this.#store(key, { version, source });
    return { status: known === undefined ? 201 : 200, _version: version };
  }

  /** Everything else is kept and given back as it came. */
  #plain(method: string, path: string, body: Buffer, query: URLSearchParams): Reply {
    const [index, kind, id] = path.slice(1).split('/') as [string, string?, string?];
    if (kind === '_doc') {
      const key = `${index}/${decodeURIComponent(id ?? '')}`;
      const known = this.documents.get(key);
      if (method === 'GET' && !this.resources.has(index))
        return { status: 404, body: { error: { type: 'index_not_found_exception', reason: `no such index [${index}]` } } };
      if (method === 'GET')
        return known === undefined
          ? { status: 404, body: { found: false } }
          : { status: 200, body: { _version: known.version, _source: known.source } };
      const external = query.get('version_type') === 'external' ? Number(query.get('version')) : undefined;
      if (external !== undefined && external <= (known?.version ?? 0))
        return { status: 409, body: { error: { type: 'version_conflict_engine_exception' } } };
      const version = external ?? (known?.version ?? 0) + 1;
      this.#store(key, { version, source: JSON.parse(body.toString()) });
      return { status: 200, body: { _version: version } };
    }
    if (kind === '_count') return { status: index.split(',').every((name) => this.resources.has(name)) ? 200 : 404 };
    if (method === 'PUT') {
      this.resources.set(path, JSON.parse(body.toString()));
      return { status: 200, body: { acknowledged: true } };
    }
    const known = this.resources.get(path);
    if (known === undefined) return { status: 404 };
    if (path.startsWith('/_index_template/')) return { status: 200, body: { index_templates: [{ index_template: known }] } };
    return { status: 200, body: known as object };
  }
}

if (process.argv[1] === import.meta.filename) {
  const [, , port, journal] = process.argv;
  const cluster = new ClusterDouble({ journal: journal as string });
  cluster.resources.set('/_index_template/ringtap', {});
  await cluster.listen(Number(port));
  process.stdout.write('listening\n');
}
