// A cluster as the rest of this plugin sees it: requests and answers. Which client library does the talking is decided here, and
// only here is it loaded: neither the main thread nor a sensor without this output ever does.

import { promisify } from 'node:util';
import { gzip as gzipCallback } from 'node:zlib';
import { errorCodes, SensorError } from '../../src/errors.ts';
import type { OutputContext } from '../../src/plugin/index.ts';
import { fileText, type Options } from './options.ts';
import { type Trust, trustOf } from './trust.ts';

const gzip = promisify(gzipCallback);
/** Smaller bodies are not worth it. */
const gzipFromBytes = 860;
/** Records shrink to a seventh with it, at twice the speed of the usual level. */
const gzipLevel = 3;

export interface ClusterRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  /** With a slash before it; names in it are safe in URLs. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  /** JSON document. */
  readonly body?: object;
  /** Lines of a bulk request. */
  readonly lines?: Buffer;
}

export interface ClusterReply {
  /** HTTP status; 0: there was no answer, not even a bad one. */
  readonly status: number;
  /** Parsed when it was JSON. */
  readonly body: unknown;
  /** What went wrong, in words; '' when nothing did. */
  readonly reason: string;
}

export interface Cluster {
  /** Never rejects. */
  request(request: ClusterRequest): Promise<ClusterReply>;
  /** Requests under way, and later ones, have no answer. */
  close(): Promise<void>;
  /** Aborted by `close`. */
  readonly closed: AbortSignal;
}

/** What a client library is given to send, and how it answers. */
export interface Transport {
  send(request: TransportRequest): Promise<{ readonly status: number; readonly body: unknown }>;
  close(): Promise<void>;
}

export interface TransportRequest extends Omit<ClusterRequest, 'body' | 'lines'> {
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: Buffer | undefined;
  readonly signal: AbortSignal;
}

/** What both client libraries are made of. */
export interface ClientOptions {
  readonly nodes: readonly string[];
  readonly username: string;
  readonly password: string;
  readonly apiKey: string;
  /** For https nodes. */
  readonly trust: Trust;
  readonly timeoutMs: number;
  /** Sockets to a node. */
  readonly connections: number;
  readonly log: OutputContext['log'];
}

/**
 * A cluster that is connected to when it is first asked. Throws `RT_OUTPUT` when a file of the options cannot be read; with
 * a fingerprint the authority's certificate is fetched by the first request.
 */
export function clusterOf(options: Options, context: Pick<OutputContext, 'directory' | 'log'>): Cluster {
  const { directory, log } = context;
  const secret = (value: string, file: string): string => (file === '' ? value : fileText(directory, file).trim());
  const trust = trustOf(options, directory);
  const client = {
    nodes: options.nodes,
    username: options.username,
    password: secret(options.password, options.password_file),
    apiKey: secret(options.api_key, options.api_key_file),
    timeoutMs: options.request_timeout_secs * 1000,
    connections: options.concurrency + 1,
    log,
  };
  return new LazyCluster(options, async () => {
    const connect =
      options.engine === 'opensearch'
        ? (await import('./opensearch-transport.ts')).opensearchTransport
        : (await import('./elastic-transport.ts')).elasticTransport;
    return connect({ ...client, trust: await trust() });
  });
}

class LazyCluster implements Cluster {
  readonly #gzip: boolean;
  readonly #connect: () => Promise<Transport>;
  readonly #closing = new AbortController();
  #transport: Promise<Transport> | undefined;

  constructor(options: Options, connect: () => Promise<Transport>) {
    this.#gzip = options.gzip;
    this.#connect = connect;
  }

  get closed(): AbortSignal {
    return this.#closing.signal;
  }

  async request(request: ClusterRequest): Promise<ClusterReply> {
    const { body, lines, ...rest } = request;
    const signal = this.closed;
    try {
      signal.throwIfAborted();
      this.#transport ??= this.#connect();
      const transport = await this.#transport.catch((error: unknown) => {
        this.#transport = undefined;
        throw error;
      });
      const plain = lines ?? (body === undefined ? undefined : Buffer.from(JSON.stringify(body)));
      // Plain media types: those with a version in them would tie the client to one major version of the server.
      const headers: Record<string, string> = { accept: 'application/json' };
      if (plain !== undefined) headers['content-type'] = lines === undefined ? 'application/json' : 'application/x-ndjson';
      let payload = plain;
      if (plain !== undefined && this.#gzip && plain.length > gzipFromBytes) {
        payload = await gzip(plain, { level: gzipLevel });
        headers['content-encoding'] = 'gzip';
      }
      const reply = await transport.send({ ...rest, headers, payload, signal });
      return { ...reply, reason: reply.status < 400 ? '' : reasonOf(reply.status, reply.body) };
    } catch (error) {
      return { status: 0, body: undefined, reason: error instanceof Error ? error.message : String(error) };
    }
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('the output has ended'));
    const transport = await this.#transport?.catch(() => undefined);
    this.#transport = undefined;
    await transport?.close();
  }
}

/** `HTTP 403 security_exception: action [indices:…] is unauthorized`. */
function reasonOf(status: number, body: unknown): string {
  const error = (body as { error?: unknown } | null)?.error;
  if (typeof error === 'string') return `HTTP ${status}: ${error}`;
  const { type, reason } = (error ?? {}) as { type?: string; reason?: string };
  if (type !== undefined) return `HTTP ${status} ${type}: ${reason ?? ''}`;
  return `HTTP ${status}${typeof body === 'string' && body !== '' ? `: ${body.slice(0, 200)}` : ''}`;
}

/** The error of a request whose answer leaves nothing to go on with. */
export function requestError(what: string, reply: ClusterReply): SensorError {
  const hint =
    reply.status === 401
      ? 'username and password, or api_key, are not what the cluster knows'
      : reply.status === 403
        ? 'the user lacks a right; docs/elasticsearch.md lists those that are needed'
        : undefined;
  return new SensorError(errorCodes.output, `${what}: ${reply.reason}`, hint === undefined ? {} : { hint });
}
