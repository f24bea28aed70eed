// Finds output plugins: the folders of plugins/ shipped with the sensor, and npm packages named in the config.

import { readdirSync } from 'node:fs';
import { isBuiltin, registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { errorCodes, SensorError } from '../errors.ts';
import type { OutputPlugin } from '../plugin/index.ts';
import type { LoadedPlugin } from '../workers/index.ts';

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
  const fits = plugin?.kind === 'output' && typeof plugin.name === 'string' && typeof plugin.create === 'function';
  if (!fits || typeof plugin.config?.properties !== 'object') {
    throw new SensorError(errorCodes.plugin, `${name} is no Ringtap plugin: its default export is not a definePlugin({...})`);
  }
  return { plugin: plugin as OutputPlugin, url };
}

/**
 * The plugin of a `kind`: a shipped one, else an npm package installed where the sensor is started; undefined when there is
 * none. Throws `RT_PLUGIN` when there is a package that is no plugin or that cannot be loaded.
 */
export async function findPlugin(kind: string, shipped: readonly LoadedPlugin[]): Promise<LoadedPlugin | undefined> {
  const known = shipped.find(({ plugin }) => plugin.name === kind);
  if (known !== undefined) return known;
  const url = packageUrl(kind);
  if (url === undefined) return undefined;
  try {
    return await load(url, kind);
  } catch (cause) {
    if (cause instanceof SensorError) throw cause;
    throw new SensorError(errorCodes.plugin, `plugin ${kind} (${url}): ${(cause as Error).message}`, {
      cause,
      hint: 'it must be JavaScript with all of its dependencies installed',
    });
  }
}

/** Where Node would import the package from in the working directory, which need not be where Ringtap is installed. */
function packageUrl(name: string): string | undefined {
  if (!/^(@[\w.-]+\/)?[\w-][\w.-]*(\/.+)?$/.test(name) || isBuiltin(name)) return undefined;
  const parentURL = pathToFileURL(join(process.cwd(), 'package.json')).href;
  const hooks = registerHooks({ resolve: (specifier, context, next) => next(specifier, { ...context, parentURL }) });
  try {
    return import.meta.resolve(name);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ERR_MODULE_NOT_FOUND' && message.startsWith('Cannot find package')) return undefined;
    throw new SensorError(errorCodes.plugin, `plugin ${name}: ${message}`, { cause });
  } finally {
    hooks.deregister();
  }
}
