// TLS: real handshakes of node:tls, recorded once (they hold random numbers, so the committed capture is the source). 1.3;
// 1.2 with certificates of both sides; a second one that resumes the first; a refused one.

import { readFileSync } from 'node:fs';
import type { Step } from '../decoders/decoder-kit.ts';
import { recordHandshake } from '../decoders/tls/recorded-handshake.ts';
import { clientCertificate, clientKey } from '../decoders/tls/test-certificates.ts';
import { Connection, client, server, Tap } from './tap.ts';

export async function recordTlsCapture(): Promise<Buffer> {
  const old = { maxVersion: 'TLSv1.2' } as const;
  const first = await recordHandshake({ ...old, ALPNProtocols: ['h2', 'http/1.1'] }, { ALPNProtocols: ['http/1.1'] });
  const resumed = await recordHandshake({ ...old, ...(first.session === undefined ? {} : { session: first.session }) });
  const recordings = [
    await recordHandshake({ ALPNProtocols: ['h2'] }, { ALPNProtocols: ['h2'] }),
    first,
    resumed,
    await recordHandshake({ ...old, cert: clientCertificate, key: clientKey }, { requestCert: true, rejectUnauthorized: false }),
    await recordHandshake(old, { minVersion: 'TLSv1.3' }),
  ];
  const tap = new Tap();
  recordings.forEach(({ script }, index) => {
    const connection = new Connection(tap, [client, 42001 + index], [server, index === 0 ? 443 : 8443]).open();
    for (const { direction, bytes } of script as Extract<Step, { bytes: Uint8Array }>[]) connection.say(direction, bytes, 500);
    connection.close();
  });
  return tap.pcap();
}

export function tlsCapture(): Buffer {
  return readFileSync(new URL('tls.pcap', import.meta.url));
}
