// Golden captures: small files of our own making and, beside each, exactly the records that the whole sensor must give
// for it, in both profiles: `X.expected.ndjson` is ECS, `X.arkime.ndjson` Arkime's session documents with all options on.
// `UPDATE_GOLDEN=1 npm test -- golden` writes them anew; reading the difference is the review.
//
// Every *-capture.ts makes one. The TLS capture holds recorded handshakes and is made anew only when it has been deleted.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runSensor } from '../e2e/sensor.ts';
import { databasesCapture } from './databases-capture.ts';
import { dnsCapture } from './dns-capture.ts';
import { httpCapture } from './http-capture.ts';
import { industryCapture } from './industry-capture.ts';
import { mailCapture } from './mail-capture.ts';
import { networkCapture } from './network-capture.ts';
import { remoteCapture } from './remote-capture.ts';
import { sessionsCapture } from './sessions-capture.ts';
import { recordTlsCapture, tlsCapture } from './tls-capture.ts';
import { tunnelsCapture } from './tunnels-capture.ts';
import { windowsCapture } from './windows-capture.ts';

const update = process.env.UPDATE_GOLDEN === '1';
const pathOf = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
const captures = {
  databases: databasesCapture,
  dns: dnsCapture,
  http: httpCapture,
  industry: industryCapture,
  mail: mailCapture,
  network: networkCapture,
  remote: remoteCapture,
  sessions: sessionsCapture,
  tls: tlsCapture,
  tunnels: tunnelsCapture,
  windows: windowsCapture,
};
const reading = ['--ordered', '-k', 'all'] as const;
/** Each profile's file, and how its records are made. */
const profiles = {
  expected: ['-n', '2'],
  arkime: ['-c', fileURLToPath(new URL('../../docs/arkime-tests.toml', import.meta.url))],
} as const;

if (update && !existsSync(pathOf('tls.pcap'))) writeFileSync(pathOf('tls.pcap'), await recordTlsCapture());

for (const [name, make] of Object.entries(captures)) {
  const pcap = pathOf(`${name}.pcap`);

  test(`${name}: the committed capture is what its code makes`, () => {
    if (update) writeFileSync(pcap, make());
    const bytes = readFileSync(pcap);
    assert.ok(bytes.equals(make()), `${name}.pcap differs from what ${name}-capture.ts makes`);
    assert.ok(bytes.length < 20_000, 'a golden capture is small');
  });

  for (const [profile, settings] of Object.entries(profiles)) {
    const expected = pathOf(`${name}.${profile}.ndjson`);
    test(`${name}: the records of ${profile} are what they were, byte for byte`, async (context) => {
      const { code, stdout, stderr } = await runSensor(context, ...settings, '-r', pcap, ...reading);
      assert.equal(code, 0, stderr);
      if (profile === 'expected') assert.match(stderr, /losses {5}none/);
      // When a document was written is in no capture.
      const text = profile === 'arkime' ? stdout.replaceAll(/"@timestamp":\d+,/g, '') : stdout;
      if (update) writeFileSync(expected, text);
      const wanted = readFileSync(expected, 'utf8').split('\n');
      // Line by line first: the difference of one record is easier to read than that of two files.
      text.split('\n').forEach((line, index) => {
        if (line !== wanted[index])
          assert.deepEqual(JSON.parse(line || '{}'), JSON.parse(wanted[index] || '{}'), `record ${index + 1}`);
      });
      assert.equal(text, wanted.join('\n'));
    });
  }
}
