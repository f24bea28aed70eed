// Files that grow by whole pages: whatever is appended and flushed in whatever pieces, the file holds those bytes, past the page cache or
// not, and where the file system refuses that only when asked to write.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { AlignedFile } from '../../plugins/output-pcap/aligned-file.ts';
import { temporaryFolder } from '../e2e/sensor.ts';

const bufferBytes = 8192;
const all = randomBytes(200_000);

async function fileIn(context: TestContext, direct: boolean): Promise<{ file: AlignedFile; waiting: () => number }> {
  let waiting = 0;
  const waits = (by: number): void => {
    waiting += by;
  };
  const path = join(temporaryFolder(context), 'file');
  return { file: await AlignedFile.open(path, { mode: 0o640, bufferBytes, direct, waits }), waiting: () => waiting };
}

/** Lets the first so many writes fail as file systems without direct writes do. */
async function refuseWrites(context: TestContext, file: AlignedFile, times: number): Promise<void> {
  const handle = await open(file.path, 'r');
  const prototype = Object.getPrototypeOf(handle) as { write(...given: unknown[]): Promise<unknown> };
  await handle.close();
  const write = prototype.write;
  let left = times;
  context.mock.method(prototype, 'write', function refusing(this: unknown, ...given: unknown[]): Promise<unknown> {
    if (left-- > 0) return Promise.reject(Object.assign(new Error('EINVAL: invalid argument, write'), { code: 'EINVAL' }));
    return write.apply(this, given);
  });
}

for (const direct of [false, true]) {
  test(`appended in pieces and flushed in between, direct: ${direct}`, async (context) => {
    const piece = fc.record({ bytes: fc.integer({ min: 0, max: 10_000 }), flushes: fc.boolean() });
    const property = fc.asyncProperty(fc.array(piece, { maxLength: 15 }), async (pieces) => {
      const { file, waiting } = await fileIn(context, direct);
      let length = 0;
      for (const { bytes, flushes } of pieces) {
        file.append(all.subarray(length, length + bytes));
        length += bytes;
        if (!flushes) continue;
        await file.flush();
        assert.ok(readFileSync(file.path).equals(all.subarray(0, length)));
        assert.deepEqual([file.size, file.written, waiting()], [length, length, 0]);
      }
      await file.close();
      assert.equal(file.failure, undefined);
      assert.ok(readFileSync(file.path).equals(all.subarray(0, length)));
    });
    await fc.assert(property, { numRuns: 40, seed: 4 });
  });
}

test('a file whose writing failed is cut where it is told', async (context) => {
  const { file } = await fileIn(context, true);
  file.append(all.subarray(0, 30_000));
  await file.flush();
  await file.close(12_345);
  assert.ok(readFileSync(file.path).equals(all.subarray(0, 12_345)));
});

test('direct writes that are refused go through the page cache; other files fail', async (context) => {
  const { file } = await fileIn(context, true);
  if (!file.isDirect) return context.skip('this file system opens no direct files');
  await refuseWrites(context, file, 1);
  file.append(all.subarray(0, 30_000));
  await file.flush();
  file.append(all.subarray(30_000, 50_000));
  await file.close();
  assert.deepEqual([file.isDirect, file.failure], [false, undefined]);
  assert.ok(readFileSync(file.path).equals(all.subarray(0, 50_000)));
  const { file: other } = await fileIn(context, false);
  await refuseWrites(context, other, 1);
  other.append(all.subarray(0, 100));
  await other.flush();
  assert.match(String(other.failure), /EINVAL/);
  await other.close(0);
  assert.ok(existsSync(other.path));
});
