// The sensor's own HTTP interface: /healthz, /metrics, /stats. Main thread; it reads counters and asks nobody.

import { accounting } from '../counters/index.ts';
import { errorCodes, SensorError } from '../errors.ts';
import { type AdminState, counterTree, prometheusText } from './metrics.ts';

export interface AdminOptions {
  readonly address: string;
  /** 0: any free port. */
  readonly port: number;
  state(): AdminState;
}

export interface AdminServer {
  /** `http://127.0.0.1:9477` */
  readonly url: string;
  close(): Promise<void>;
}

/** Starts to listen. Throws `RT_ADMIN` when the address or port cannot be had. */
export async function startAdmin(options: AdminOptions): Promise<AdminServer> {
  // Only here: most runs have no admin interface and do not wait for its library at their start.
  const { fastify } = await import('fastify');
  const server = fastify({ logger: false, forceCloseConnections: true });
  server.get('/healthz', async (_request, reply) => {
    const { threads } = options.state();
    const failed = threads.filter(({ state }) => state === 'failed' || state === 'starting');
    return await reply.code(failed.length === 0 ? 200 : 503).send({ status: failed.length === 0 ? 'ok' : 'degraded', threads });
  });
  server.get('/metrics', async (_request, reply) => {
    return await reply.type('text/plain; version=0.0.4; charset=utf-8').send(await prometheusText(options.state()));
  });
  server.get('/stats', async () => {
    const { uptimeMs, counters, threads, rings } = options.state();
    return {
      uptime_ms: uptimeMs,
      packets: accounting(counters, 'packets'),
      records: accounting(counters, 'records'),
      threads,
      rings,
      counters: counterTree(counters),
    };
  });
  try {
    const url = await server.listen({ host: options.address, port: options.port });
    return { url, close: async () => await server.close() };
  } catch (cause) {
    throw new SensorError(errorCodes.admin, `admin interface: ${(cause as Error).message}`, {
      cause,
      hint: 'choose another admin.address or admin.port in the config',
    });
  }
}
