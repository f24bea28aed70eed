// The `memcached` record: a command with its reply.

import type { Outcome } from '../../../src/decoders/contract.ts';
import { defineRecordType } from '../../../src/record/index.ts';

export interface Exchange {
  readonly command: string;
  readonly key: string;
  /** Bytes of the block that the command brought. */
  readonly storedBytes: number;
  readonly startUs: number;
  returnedBytes: number;
  hits: number;
  /** First word of the reply's last line. */
  reply: string;
  endUs: number;
  outcome: Outcome;
}

export const memcachedRecord = defineRecordType<Exchange>({
  name: 'memcached',
  meaning: 'A command of the memcached text protocol and its reply.',
  fields: [
    { name: 'network.protocol', type: 'keyword', meaning: '`memcached`.', value: () => 'memcached' },
    { name: 'memcached.command', type: 'keyword', meaning: 'Command as sent.', value: (e) => e.command },
    { name: 'memcached.key', type: 'keyword', meaning: 'First key.', value: (e) => e.key },
    { name: 'memcached.reply', type: 'keyword', meaning: 'STORED, END, ERROR, …', value: (e) => e.reply },
    { name: 'memcached.hits', type: 'long', meaning: 'Values in the reply.', value: (e) => e.hits || undefined },
    { name: 'memcached.stored_bytes', type: 'long', meaning: 'Bytes given to store.', value: (e) => e.storedBytes || undefined },
    {
      name: 'memcached.returned_bytes',
      type: 'long',
      meaning: 'Bytes of the values.',
      value: (e) => e.returnedBytes || undefined,
    },
    { name: 'memcached.outcome', type: 'keyword', meaning: 'How it ended.', value: (e) => e.outcome },
    {
      name: 'event.outcome',
      type: 'keyword',
      meaning: '`success`, `failure` or `unknown`.',
      value: (e) => (e.outcome === 'success' || e.outcome === 'failure' ? e.outcome : 'unknown'),
    },
    {
      name: 'event.duration',
      type: 'long',
      meaning: "Nanoseconds from the command's first byte to the reply's last line.",
      value: (e) => (e.reply === '' ? undefined : Math.max(0, e.endUs - e.startUs) * 1000),
    },
  ],
});
