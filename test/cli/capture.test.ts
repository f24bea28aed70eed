// What the command line says of capturing itself: filters in all three forms, and the permission to open an interface.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeTrace } from '../../tools/traces/index.ts';
import { runSensor, startSensor, temporaryFolder } from '../e2e/sensor.ts';

test('a filter by -f, by -F with comments, or in words at the end leaves out the same packets, which is no loss', async (context) => {
  const folder = temporaryFolder(context);
  const path = join(folder, 'dns.pcap');
  const { packets } = writeTrace('dns', path, 50);
  const file = join(folder, 'filter');
  writeFileSync(file, '# DNS\nudp   # over UDP\n  and dst port 53\n');
  const results = await Promise.all(
    [
      ['-f', 'udp and dst port 53'],
      ['-F', file],
      ['udp', 'and', 'dst', 'port', '53'],
      ['tcp', 'port', '99'],
    ].map((filter) => runSensor(context, '-r', path, '--fail-on-drop', '--ordered', ...filter)),
  );
  assert.deepEqual(
    results.map(({ code }) => code),
    [0, 0, 0, 0],
  );
  const [dashF, dashFile, words, none] = results;
  assert.ok((dashF?.records.length ?? 0) > 0);
  assert.equal(dashFile?.stdout, dashF?.stdout);
  assert.equal(words?.stdout, dashF?.stdout);
  assert.match(words?.stderr ?? '', /^ringtap: filtered {3}\d+ packets left out by the filter$/m);
  assert.equal(none?.stdout, '');
  assert.ok(none?.stderr.includes(`ringtap: filtered   ${packets} packets left out by the filter\n`), none?.stderr);
});

const nobody = 65534;
const notRoot = process.getuid?.() === 0 ? false : 'only root can start the sensor as another user';

test('without the right to capture: exit code 3, and the setcap line that mends it', { skip: notRoot }, async (context) => {
  const { code, stdout, stderr } = await startSensor(context, ['-i', 'lo'], { uid: nobody, cwd: '/' }).result;
  assert.equal(code, 3, stderr);
  assert.equal(stdout, '');
  assert.match(stderr, /^ringtap: lo: .+\n {2}hint: sudo setcap cap_net_raw,cap_net_admin\+eip \S+\n$/);
});

test('an interface that does not exist: exit code 1, and its name', async (context) => {
  const { code, stderr } = await runSensor(context, '-i', 'none0');
  assert.equal(code, 1);
  assert.match(stderr, /^ringtap: .*none0.*\n/);
});
