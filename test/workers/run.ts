// A run of the supervisor inside the test process, on a capture file and with outputs from fixtures, so that tests can
// kill its threads and read its counters.

import { tmpdir } from 'node:os';
import type { TestContext } from 'node:test';
import { loadConfig } from '../../src/config/index.ts';
import { type Accounting, accounting, total } from '../../src/counters/index.ts';
import { decoderDefinitions } from '../../src/decoders/index.ts';
import type { OutputPlugin } from '../../src/plugin/index.ts';
import { RecordRegistry } from '../../src/record/index.ts';
import type { RuleDefinition } from '../../src/rules/index.ts';
import { tcpAnomalies } from '../../src/session/index.ts';
import { type LoadedPlugin, Supervisor } from '../../src/workers/index.ts';

export interface RunUnderTest {
  readonly supervisor: Supervisor;
  readonly log: string[];
  packets(): Accounting;
  records(): Accounting;
  total(set: string, name: string): number;
  /** Resolves once `condition` holds; it is looked at every few milliseconds. */
  until(condition: () => boolean): Promise<void>;
}

export async function loadFixture(file: string): Promise<LoadedPlugin> {
  const url = new URL(`fixtures/${file}.ts`, import.meta.url).href;
  return { plugin: ((await import(url)) as { default: OutputPlugin }).default, url };
}

export async function createRun(
  context: TestContext,
  raw: Readonly<Record<string, unknown>>,
  plugins: readonly LoadedPlugin[],
  directory: string = tmpdir(),
  rules: readonly RuleDefinition[] = [],
): Promise<RunUnderTest> {
  const byKind = new Map(plugins.map((loaded) => [loaded.plugin.name, loaded]));
  const records = new RecordRegistry(decoderDefinitions, Object.values(tcpAnomalies));
  const config = await loadConfig({
    file: undefined,
    settings: [],
    overlay: (target) => Object.assign(target, structuredClone(raw)),
    decoders: decoderDefinitions,
    outputs: async (kind) => byKind.get(kind)?.plugin,
    outputKinds: [...byKind.keys()],
    recordTypesOf: () => records.types.map(({ name }) => name),
  });
  const log: string[] = [];
  const supervisor = new Supervisor({
    config,
    records,
    rules,
    plugins: byKind,
    directory,
    log: (level, message) => log.push(`${level} ${message}`),
  });
  context.after(() => supervisor.abort());
  return {
    supervisor,
    log,
    packets: () => accounting(supervisor.counters.snapshot(), 'packets'),
    records: () => accounting(supervisor.counters.snapshot(), 'records'),
    total: (set, name) => total(supervisor.counters.snapshot(), set, name),
    until: async (condition) => {
      while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
    },
  };
}
