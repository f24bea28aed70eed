// The output to an open descriptor: a reader that goes away, a full pipe that does not block, and a write that fails
// half-way.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { constants, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { StreamOutput } from '../../plugins/output-stdout/stream-output.ts';
import { temporaryFolder } from '../e2e/sensor.ts';
import { lines } from './kit.ts';

const script = fileURLToPath(new URL('fixtures/stream-writer.ts', import.meta.url));

test('a full pipe that does not block is waited for, and everything comes in order', async () => {
  // Node makes the descriptor of a pipe non-blocking when it makes a stream of it, which the fixture does.
  const child = spawn(process.execPath, [script, '200', '5000'], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  await once(child, 'message');
  let text = '';
  for await (const chunk of child.stdout as Readable) text += chunk;
  const expected = Array.from({ length: 200 }, (_, index) => `${index} ${'x'.repeat(5000)}\n`).join('');
  assert.equal(text, expected);
});

test('a reader that has gone is RT_OUTPUT_CLOSED', async () => {
  const child = spawn(process.execPath, [script, '200', '5000'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  let text = '';
  for await (const chunk of child.stderr) text += chunk;
  assert.equal(text, 'RT_OUTPUT_CLOSED standard output was closed\n');
});

test('a device that is full is RT_OUTPUT, in the words of the system', async () => {
  const fd = openSync('/dev/full', 'w');
  await assert.rejects(new StreamOutput(fd).write(lines('x')), {
    code: 'RT_OUTPUT',
    message: 'standard output: no space left on device',
  });
});

test('after a failure half-way the batch goes on where it stopped, also when it is cut anew', async (context) => {
  const folder = temporaryFolder(context);
  const path = join(folder, 'out');
  const limited = `trap '' XFSZ; ulimit -f 16; exec "$0" "$@" >> "$OUT"`;
  const child = spawn('bash', ['-c', limited, process.execPath, script, 'resume', '3000'], {
    stdio: ['ignore', 'inherit', 'pipe'],
    env: { ...process.env, OUT: path },
  });
  let text = '';
  for await (const chunk of child.stderr) text += chunk;
  // The first batch holds ten lines and stops at 16 KiB; the file is then emptied, as if space had been made.
  assert.equal(text, 'RT_OUTPUT standard output: file too large\nfirst part 16384\ntaken\n');
  const whole = Array.from({ length: 10 }, (_, index) => `${index} ${'x'.repeat(3000)}\n`).join('');
  assert.equal(readFileSync(path, 'utf8'), whole.slice(16384));
});

test('batches of any size follow one on another, the empty one included', async (context) => {
  const path = join(temporaryFolder(context), 'pipe');
  assert.equal(spawnSync('mkfifo', [path]).status, 0);
  const fd = openSync(path, constants.O_RDWR);
  const output = new StreamOutput(fd);
  await output.write(lines('one', 'two'));
  await output.write(lines());
  await output.write(lines('three'));
  const buffer = Buffer.alloc(100);
  assert.equal(buffer.toString('utf8', 0, readSync(fd, buffer)), 'one\ntwo\nthree\n');
});
