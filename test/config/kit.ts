// Loads configs for tests, with the real decoders and plugins unless a test brings its own.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { TObject } from 'typebox';
import { type Config, type LoadOptions, loadConfig } from '../../src/config/index.ts';
import { decoderDefinitions } from '../../src/decoders/index.ts';
import { SensorError } from '../../src/errors.ts';
import type { OutputPlugin } from '../../src/plugin/index.ts';
import { temporaryFolder } from '../e2e/sensor.ts';

interface PluginModule {
  readonly default: OutputPlugin<TObject>;
}

export const outputPlugins: readonly OutputPlugin<TObject>[] = await Promise.all(
  ['elasticsearch', 'file', 'json-folder', 'pcap', 'stdout'].map(
    async (name) => ((await import(`../../plugins/output-${name}/index.ts`)) as unknown as PluginModule).default,
  ),
);

export async function load(file: string | undefined, options: Partial<LoadOptions> = {}): Promise<Config> {
  return await loadConfig({
    file,
    settings: [],
    overlay: () => {},
    decoders: decoderDefinitions,
    outputs: async (kind) => outputPlugins.find(({ name }) => name === kind),
    outputKinds: outputPlugins.map(({ name }) => name),
    recordTypesOf: () => ['session', 'http', 'dns', 'tls', 'anomaly', 'stats'],
    ...options,
  });
}

export function writeConfig(context: TestContext, ...lines: readonly string[]): string {
  const path = join(temporaryFolder(context), 'config.toml');
  writeFileSync(path, lines.join('\n'));
  return path;
}

/** The error of a config that must not load; `config.toml` in its lines is the file. */
export async function errorOf(loading: Promise<unknown>): Promise<{ code: string; lines: string[]; hint: string | undefined }> {
  try {
    await loading;
  } catch (error) {
    if (!(error instanceof SensorError)) throw error;
    const lines = error.message.split('\n').map((line) => line.replace(/^\/\S*\/(?=config\.toml)/, ''));
    return { code: error.code, lines, hint: error.hint };
  }
  throw new Error('the config has loaded');
}
