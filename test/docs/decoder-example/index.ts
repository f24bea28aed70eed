// The memcached text protocol as recognition, configuration and the field registry see it.

import { type DecoderDefinition, type Direction, Verdict } from '../../../src/decoders/contract.ts';
import type { RecordType } from '../../../src/record/index.ts';
import { memcachedAnomalies } from './anomalies.ts';
import { MemcachedDecoder } from './decoder.ts';
import { memcachedFields } from './fields.ts';
import { type MemcachedOptions, memcachedOptions } from './options.ts';
import { memcachedRecord } from './record.ts';

const words = ['get ', 'gets ', 'set ', 'add ', 'replace ', 'append ', 'prepend ', 'cas ', 'delete ', 'incr ', 'decr ', 'touch '];
const starts = [...words, 'VALUE ', 'STORED\r\n'].map((word) => Buffer.from(word));

/** `maybe` at most: a line that begins with `get ` could be something else. Port 11211, or nobody else's claim, decides. */
function probe(_direction: Direction, bytes: Buffer, from: number, to: number): Verdict {
  let answer: Verdict = Verdict.no;
  for (const start of starts) {
    const length = Math.min(start.length, to - from);
    if (bytes.compare(start, 0, length, from, from + length) !== 0) continue;
    if (length === start.length) return Verdict.maybe;
    answer = Verdict.needMore;
  }
  return answer;
}

export const memcachedDecoder: DecoderDefinition = {
  name: 'memcached',
  title: 'memcached text protocol',
  transports: ['tcp'],
  ports: [11211],
  firstBytes: [...new Set(starts.map((start) => start[0] as number))],
  records: [memcachedRecord as RecordType<never>],
  sessionFields: Object.values(memcachedFields),
  anomalies: Object.values(memcachedAnomalies),
  options: memcachedOptions,
  probe,
  create: (context, options) => new MemcachedDecoder(context, options as unknown as MemcachedOptions),
};
