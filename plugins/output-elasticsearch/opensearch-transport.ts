// OpenSearch by its own client. Loaded on the output's thread when it first connects.

import { format } from 'node:util';
import { Client, errors } from '@opensearch-project/opensearch';
import type { ClientOptions, Transport } from './cluster.ts';

export function opensearchTransport(options: ClientOptions): Transport {
  const { username, password, apiKey, log } = options;
  // The client tells the console of errors behind an answer. Standard output may be where records go; this thread is its own.
  console.log = (...words: unknown[]) => log.debug(format(...words));
  const client = new Client({
    nodes: [...options.nodes],
    ...(username === '' ? {} : { auth: { username, password } }),
    ...(apiKey === '' ? {} : { headers: { authorization: `ApiKey ${apiKey}` } }),
    ssl: options.trust as never,
    agent: { keepAlive: true, maxSockets: options.connections, maxFreeSockets: options.connections },
    requestTimeout: options.timeoutMs,
    maxRetries: options.nodes.length - 1,
  });
  return {
    send: async ({ method, path, query, headers, payload, signal }) => {
      const answer = client.transport.request(
        { method, path, ...(query && { querystring: query }), ...(payload && { bulkBody: payload as never }) },
        { headers: { ...headers } },
      );
      const abort = (): void => void answer.abort();
      signal.addEventListener('abort', abort);
      try {
        const { statusCode, body } = await answer;
        return { status: statusCode ?? 0, body };
      } catch (error) {
        if (error instanceof errors.ResponseError && error.statusCode !== undefined)
          return { status: error.statusCode, body: error.body };
        throw error;
      } finally {
        signal.removeEventListener('abort', abort);
      }
    },
    close: () => client.close(),
  };
}
