// QUIC's Initial packets: opened with the keys of their own connection id, and with those of the session. One thread, no decoder.

import { Bench } from 'tinybench';
import { InitialKeys } from '../src/crypto/index.ts';
import { initialSecrets } from '../src/decoders/quic/versions.ts';
import { crypto, initial } from '../test/decoders/quic/initial-packet.ts';
import type { BenchResult } from './bench-result.ts';

/** Where the packet number is in what `initial` makes. */
const numberAt = 21;

export default async function quicBench(): Promise<BenchResult[]> {
  const packet = initial(1, 0, crypto(0, Buffer.alloc(300, 1)));
  const shared = Buffer.from(new SharedArrayBuffer(packet.length));
  packet.copy(shared);
  const derivation = initialSecrets(1)?.derivation as Buffer;
  const keys = new InitialKeys();
  const mustOpen = (opened: boolean): void => {
    if (!opened) throw new Error('the packet did not open');
  };
  const bench = new Bench({ time: 400, warmupTime: 100, throws: true });
  bench
    .add('first', () => mustOpen(keys.openFirst(derivation, shared, 0, numberAt, shared.length)))
    .add('other', () => mustOpen(keys.open(shared, 0, numberAt, shared.length)));
  await bench.run();
  const rate = (name: string): number => {
    const result = bench.getTask(name)?.result;
    if (result === undefined || !('throughput' in result)) throw new Error(`bench ${name} gave no result`);
    return result.throughput.mean;
  };
  return [
    {
      name: 'quic: first Initial packet',
      work: `${packet.length} bytes in shared memory: keys from the connection id, opened`,
      unit: 'packets/s',
      value: rate('first'),
    },
    {
      name: 'quic: Initial packet',
      work: `${packet.length} bytes in shared memory, opened with the keys of the session`,
      unit: 'packets/s',
      value: rate('other'),
    },
  ];
}
