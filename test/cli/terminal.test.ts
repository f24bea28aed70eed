// The progress line, on a terminal that `script` (util-linux) makes.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { writeTrace } from '../../tools/traces/index.ts';
import { temporaryFolder } from '../e2e/sensor.ts';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const noScript = spawnSync('script', ['--version']).status === 0 ? false : 'script (util-linux) is not installed';

/** What a terminal gets to see of a run whose standard input stays open until it has seen `awaited`, or ends at once. */
async function onTerminal(command: string, cwd: string, awaited: RegExp | undefined): Promise<string> {
  const line = `${awaited === undefined ? '' : '(cat dns.pcap; cat wait) | '}${process.execPath} ${main} ${command}`;
  const child = spawn('script', ['-qec', line, '/dev/null'], { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  for await (const chunk of child.stdout.setEncoding('utf8')) {
    text += String(chunk).replaceAll('\x1b[K', '<erase>');
    if (awaited?.test(text)) {
      awaited = undefined;
      spawnSync('bash', ['-c', ': > wait'], { cwd });
    }
  }
  return text;
}

test('progress comes on a terminal, and goes before the summary', { skip: noScript }, async (context) => {
  const folder = temporaryFolder(context);
  writeTrace('dns', join(folder, 'dns.pcap'), 50);
  assert.equal(spawnSync('mkfifo', [join(folder, 'wait')]).status, 0);
  const text = await onTerminal('-r - -l out', folder, /\r[\d.]+ kB {2}99 packets {2}.* sessions<erase>/);
  assert.match(text, /sessions<erase>\r<erase>ringtap: 99 packets, /);
});

test('no progress where records go to that terminal, nor with -q', { skip: noScript }, async (context) => {
  const folder = temporaryFolder(context);
  writeTrace('dns', join(folder, 'dns.pcap'), 50);
  const [records, quiet] = await Promise.all([
    onTerminal('-r dns.pcap', folder, undefined),
    onTerminal('-r dns.pcap -l out -q', folder, undefined),
  ]);
  assert.match(records, /^\{"@timestamp".*\}\r\n(?:\{.*\}\r\n)*ringtap: 99 packets, /);
  assert.equal(quiet, '');
});
