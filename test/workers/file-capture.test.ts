// Sources that are read without a thread of their own: which they are, and what becomes of a run when one is ended.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { SourceConfig } from '../../src/config/index.ts';
import { isRegular } from '../../src/workers/file-capture.ts';
import { writeTrace } from '../../tools/traces/index.ts';
import { temporaryFolder } from '../e2e/sensor.ts';
import { createRun, loadFixture } from './run.ts';

const fileSource = (paths: readonly string[], cpus: readonly number[] = []): SourceConfig =>
  ({ kind: 'file', paths, cpus }) as unknown as SourceConfig;

test('files and folders are read so; what may be waited for, or is pinned, is not', (context: TestContext) => {
  const folder = temporaryFolder(context);
  const file = join(folder, 'a.pcap');
  const pipe = join(folder, 'pipe');
  writeFileSync(file, '');
  execFileSync('mkfifo', [pipe]);
  const circle = join(folder, 'circle');
  symlinkSync(circle, circle);
  assert.equal(isRegular(fileSource([file, folder])), true);
  for (const path of ['-', pipe, '/dev/null', join(folder, 'nowhere'), circle, join(file, 'below')])
    assert.equal(isRegular(fileSource([file, path])), false, path);
  assert.equal(isRegular(fileSource([file], [0])), false);
  assert.equal(isRegular({ kind: 'folder', paths: [folder], cpus: [] } as unknown as SourceConfig), false);
});

test('a run whose source is ended from outside drains what was read, and fails', async (context) => {
  const folder = temporaryFolder(context);
  const path = join(folder, 'small.pcap');
  writeTrace('small', path, 3000);
  const run = await createRun(
    context,
    {
      source: [{ kind: 'file', paths: [path], checksums: 'none' }],
      workers: { packet: 1, ring_bytes: 1 << 20 },
      output: [{ kind: 'blocked', folder, ring_bytes: 1 << 18 }],
    },
    [await loadFixture('blocked-output')],
  );
  await run.supervisor.start();
  // Nobody takes records, so the source stands with a full ring.
  await run.until(() => run.total('output_ring', 'waits') >= 1);
  const capture = run.supervisor.threads().find(({ name }) => name.startsWith('capture-'));
  await capture?.terminate();
  writeFileSync(join(folder, 'open'), '');
  await assert.rejects(run.supervisor.finished, /the source was ended/);
  assert.equal(capture?.state, 'failed');
  const packets = run.packets();
  assert.equal(packets.balanced, true, JSON.stringify(packets));
});
