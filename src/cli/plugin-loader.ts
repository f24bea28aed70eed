// Finds output plugins: the folders of plugins/ shipped with the sensor, and npm packages named in the config.

import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { errorCodes, SensorError } from '../errors.ts';
import type { OutputPlugin } from '../plugin/index.ts';

export interface LoadedPlugin {
  readonly plugin: OutputPlugin;
  /** URL of its module, for the thread that will run it. */
  readonly url: string;
}

const folder = new URL('../../plugins/', import.meta.url);

/** All plugins in plugins/, in the order of their names. */
export async function shippedPlugins(): Promise<LoadedPlugin[]> {
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
  return await Promise.all(names.map((name) => load(new URL(`${name}/index.ts`, folder).href, name)));
}

async function load(url: string, name: string): Promise<LoadedPlugin> {
  const module = (await import(url)) as { default?: Partial<OutputPlugin> };
  const plugin = module.default;
  if (plugin?.kind !== 'output' || typeof plugin.name !== 'string' || typeof plugin.create !== 'function') {
    throw new SensorError(errorCodes.plugin, `${name} is no Ringtap plugin: its default export is not a definePlugin({...})`);
  }
  return { plugin: plugin as OutputPlugin, url };
}

/** The plugin of a `kind`: a shipped one, else an npm package installed where the sensor is started; undefined when there is none. */
export async function findPlugin(kind: string, shipped: readonly LoadedPlugin[]): Promise<LoadedPlugin | undefined> {
  const known = shipped.find(({ plugin }) => plugin.name === kind);
  if (known !== undefined) return known;
  let path: string;
  try {
    path = createRequire(join(process.cwd(), 'package.json')).resolve(kind);
  } catch {
    return undefined;
  }
  try {
    return await load(pathToFileURL(path).href, kind);
  } catch (cause) {
    if (cause instanceof SensorError) throw cause;
    throw new SensorError(errorCodes.plugin, `plugin ${kind}: ${(cause as Error).message}`, { cause });
  }
}
