// What the main thread does beside supervising: the admin interface and the stats records. A reload can change both while
// the run goes on. Nothing here touches a packet.

import { type AdminServer, counterTree, startAdmin } from '../admin/index.ts';
import type { Config } from '../config/index.ts';
import type { Supervisor } from '../workers/index.ts';
import type { Logger } from './log.ts';

type AdminConfig = Config['admin'];

export class Services {
  readonly #supervisor: Supervisor;
  readonly #logger: Logger;
  /** A capture file gives the same records in every run, and stats records never could be the same. */
  readonly #live: boolean;
  #running: AdminConfig | undefined;
  #server: AdminServer | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(supervisor: Supervisor, logger: Logger, live: boolean) {
    this.#supervisor = supervisor;
    this.#logger = logger;
    this.#live = live;
  }

  /** Starts or changes the services. Throws `RT_ADMIN` when the address cannot be had; then nothing listens. */
  async apply(config: AdminConfig): Promise<void> {
    const running = this.#running;
    this.#running = config;
    clearInterval(this.#timer);
    if (this.#live && config.stats_secs > 0) {
      this.#timer = setInterval(() => this.#writeStats(), config.stats_secs * 1000);
      this.#timer.unref();
    }
    const same = running?.enabled === config.enabled && running.address === config.address && running.port === config.port;
    if (same && (this.#server !== undefined || !config.enabled)) return;
    await this.#server?.close();
    this.#server = undefined;
    if (!config.enabled) return;
    const supervisor = this.#supervisor;
    this.#server = await startAdmin({
      address: config.address,
      port: config.port,
      state: () => ({
        uptimeMs: Date.now() - supervisor.startedAt,
        counters: supervisor.counters.snapshot(),
        threads: supervisor.status(),
        rings: supervisor.rings(),
      }),
    });
    this.#logger.info(`admin interface at ${this.#server.url}`);
  }

  #writeStats(): void {
    const { startedAt, counters } = this.#supervisor;
    this.#supervisor.writeStats({ uptimeMs: Date.now() - startedAt, counters: counterTree(counters.snapshot()) });
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#server?.close();
    this.#server = undefined;
  }
}
