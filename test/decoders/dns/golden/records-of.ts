// What the decoder says of a capture's conversations, conversation by conversation, as the golden file holds it.

import { dnsDecoder } from '../../../../src/decoders/dns/index.ts';
import { Verdict } from '../../../../src/decoders/index.ts';
import { play } from '../../decoder-kit.ts';
import type { Conversation } from '../capture.ts';

export function recordsOf(conversations: readonly Conversation[]): object[] {
  return conversations.flatMap(({ transport, clientPort, serverPort, steps }) => {
    const first = steps[0];
    if (first === undefined || dnsDecoder.probe(first.direction, first.bytes, 0, first.bytes.length) !== Verdict.certain)
      return [];
    const heard = play(dnsDecoder, steps, { transport, clientPort, serverPort, end: 'timeout' });
    return [
      ...heard.records.map(({ timeUs, fields }) => ({ clientPort, timeUs, ...fields })),
      ...[...heard.anomalies].map(([anomaly, count]) => ({ clientPort, anomaly, count })),
    ];
  });
}
