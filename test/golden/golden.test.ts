// Golden captures: small files of our own making and, beside each, exactly the records that the whole sensor must give
// for it. `UPDATE_GOLDEN=1 npm test -- golden` writes them anew; reading the difference is the review.
//
// Every *-capture.ts makes one. The TLS capture holds recorded handshakes and is made anew only when it has been deleted.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runSensor } from '../e2e/sensor.ts';
import { dnsCapture } from './dns-capture.ts';
import { httpCapture } from './http-capture.ts';
import { sessionsCapture } from './sessions-capture.ts';
import { recordTlsCapture, tlsCapture } from './tls-capture.ts';

const update = process.env.UPDATE_GOLDEN === '1';
const pathOf = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
const captures = { dns: dnsCapture, http: httpCapture, sessions: sessionsCapture, tls: tlsCapture };

if (update && !existsSync(pathOf('tls.pcap'))) writeFileSync(pathOf('tls.pcap'), await recordTlsCapture());

for (const [name, make] of Object.entries(captures)) {
  const pcap = pathOf(`${name}.pcap`);
  const expected = pathOf(`${name}.expected.ndjson`);

  test(`${name}: the committed capture is what its code makes`, () => {
    if (update) writeFileSync(pcap, make());
    const bytes = readFileSync(pcap);
    assert.ok(bytes.equals(make()), `${name}.pcap differs from what ${name}-capture.ts makes`);
    assert.ok(bytes.length < 20_000, 'a golden capture is small');
  });

  test(`${name}: the records are the expected ones, byte for byte`, async (context) => {
    const { code, stdout, stderr } = await runSensor(context, '-r', pcap, '--ordered', '-n', '2', '-k', 'all');
    assert.equal(code, 0, stderr);
    assert.match(stderr, /losses {5}none/);
    if (update) writeFileSync(expected, stdout);
    const wanted = readFileSync(expected, 'utf8').split('\n');
    const given = stdout.split('\n');
    // Line by line first: the difference of one record is easier to read than that of two files.
    given.forEach((line, index) => {
      if (line !== wanted[index])
        assert.deepEqual(JSON.parse(line || '{}'), JSON.parse(wanted[index] || '{}'), `record ${index + 1}`);
    });
    assert.equal(stdout, wanted.join('\n'));
  });
}
