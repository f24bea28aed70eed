// Elasticsearch by its own client: pools the nodes, goes past dead ones, and refuses servers that are something else. Loaded on
// the output's thread when it first connects.

import { Client, errors } from '@elastic/elasticsearch';
import type { ClientOptions, Transport } from './cluster.ts';

export function elasticTransport(options: ClientOptions): Transport {
  const { username, password, apiKey } = options;
  const client = new Client({
    nodes: [...options.nodes],
    ...(apiKey !== '' ? { auth: { apiKey } } : username !== '' ? { auth: { username, password } } : {}),
    tls: options.trust,
    agent: { connections: options.connections },
    requestTimeout: options.timeoutMs,
    // Only the other nodes: when to try again is for the output's policy to say.
    maxRetries: options.nodes.length - 1,
    enableMetaHeader: false,
  });
  return {
    send: async ({ method, path, query, headers, payload, signal }) => {
      try {
        const { statusCode, body } = await client.transport.request(
          {
            method,
            path,
            ...(query === undefined ? {} : { querystring: query }),
            ...(payload && { bulkBody: payload as never }),
          },
          { meta: true, headers, compression: false, signal },
        );
        return { status: statusCode, body };
      } catch (error) {
        if (error instanceof errors.ResponseError && error.statusCode !== undefined)
          return { status: error.statusCode, body: error.body };
        if (error instanceof errors.ProductNotSupportedError)
          throw new Error('this is no Elasticsearch; for OpenSearch set engine = "opensearch"');
        throw error;
      }
    },
    close: () => client.close(),
  };
}
