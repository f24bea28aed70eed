// `ringtap version`: of the sensor and of what it runs on.

import { readFileSync } from 'node:fs';
import { ecsVersion } from '../record/index.ts';
import { print } from './print.ts';

export async function versionCommand(options: { readonly json?: boolean }): Promise<number> {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
  const versions = {
    ringtap: version,
    node: process.versions.node,
    v8: process.versions.v8,
    platform: `${process.platform}-${process.arch}`,
    ecs: ecsVersion,
  };
  if (options.json) print(`${JSON.stringify(versions, null, 2)}\n`);
  else print(`ringtap ${version} (Node ${versions.node}, V8 ${versions.v8}, ${versions.platform}, ECS ${ecsVersion})\n`);
  return 0;
}
