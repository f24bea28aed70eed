// `ringtap plugins`: the shipped plugins and the keys of their tables.

import { shippedPlugins } from './plugin-loader.ts';
import { printListing } from './table.ts';

export async function pluginsCommand(options: { readonly json?: boolean }): Promise<number> {
  const plugins = (await shippedPlugins()).map(({ plugin: { kind, name, description, config, counters } }) => ({
    kind,
    name,
    description,
    options: config.properties,
    counters: counters ?? {},
  }));
  printListing(options.json, plugins, () => [
    ['KIND', 'NAME', 'DESCRIPTION', 'OPTIONS'],
    ...plugins.map(({ kind, name, options: keys, description }) => [kind, name, description, Object.keys(keys).join(',') || '-']),
  ]);
  return 0;
}
