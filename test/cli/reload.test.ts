// What a reload takes over at once, and what it says of the rest.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planReload, reloadLines } from '../../src/cli/reload.ts';
import { load } from '../config/kit.ts';

test('log and admin are taken over, the rest waits for a restart', async () => {
  const running = await load(undefined, { settings: ['output.0.kind=file'] });
  const loaded = await load(undefined, {
    settings: ['output.0.kind=file', 'output.0.path=x', 'workers.packet=3', 'log.level=debug', 'admin.port=1'],
  });
  const plan = planReload(running, loaded);
  assert.deepEqual(plan.applied, ['admin.port', 'log.level']);
  assert.deepEqual(plan.waiting, ['workers.packet', 'output.0.path']);
  assert.deepEqual(plan.config, { ...running, log: loaded.log, admin: loaded.admin });
  assert.deepEqual(reloadLines('c.toml', plan), [
    'SIGHUP: now in force: admin.port, log.level',
    'SIGHUP: changes of workers.packet, output.0.path take effect with a restart',
  ]);
  const again = planReload(plan.config, loaded);
  assert.deepEqual([again.applied, again.waiting], [[], plan.waiting], 'what waits is named again, what is in force is not');
});

test('nothing changed, and no file', async () => {
  const config = await load(undefined);
  assert.deepEqual(reloadLines('c.toml', planReload(config, config)), [
    'SIGHUP: files are opened again; c.toml says what it said before',
  ]);
  assert.deepEqual(reloadLines(undefined, planReload(config, config)), [
    'SIGHUP: files are opened again; there is no config file to read',
  ]);
});
