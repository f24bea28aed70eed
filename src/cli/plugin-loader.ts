// Finds output plugins: the folders of plugins/ shipped with the sensor, and npm packages named in the config.

import { readdirSync } from 'node:fs';
import { isBuiltin, registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { errorCodes, SensorError } from '../errors.ts';
import type { OutputPlugin } from '../plugin/index.ts';
import type { LoadedPlugin } from '../workers/index.ts';

/** Sources lie in plugins/ at the top; the bundle has the same folders beside this module, bundled. */
const fromSource = import.meta.url.endsWith('.ts');
const folder = new URL(fromSource ? '../../plugins/' : 'plugins/', import.meta.url);
const entry = fromSource ? 'index.ts' : 'index.cjs';
/** Folders of output plugins are called by the plugin's name with this before it. */
const outputPrefix = 'output-';

/** Names of the shipped outputs, sorted; none of them is loaded for it. */
export function shippedKinds(): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((file) => file.isDirectory() && file.name.startsWith(outputPrefix))
    .map((file) => file.name.slice(outputPrefix.length))
    .sort();
}

/** All plugins in plugins/, in the order of their names. */
export async function shippedPlugins(): Promise<LoadedPlugin[]> {
  return await Promise.all(shippedKinds().map(loadShipped));
}

/** URL of the program that a shipped source runs beside the sensor. */
export function sourceProgram(kind: string): string {
  return new URL(`source-${kind}/${entry}`, folder).href;
}

async function loadShipped(kind: string): Promise<LoadedPlugin> {
  const name = `${outputPrefix}${kind}`;
  const loaded = await load(new URL(`${name}/${entry}`, folder).href, name);
  if (loaded.plugin.name !== kind)
    throw new SensorError(errorCodes.plugin, `plugins/${name}: its plugin is called ${loaded.plugin.name}, not ${kind}`);
  return loaded;
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
export async function findPlugin(kind: string): Promise<LoadedPlugin | undefined> {
  if (shippedKinds().includes(kind)) return await loadShipped(kind);
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
