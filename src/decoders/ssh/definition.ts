// SSH as recognition, configuration and the field registry see it.

import { Type } from 'typebox';
import { type DecoderDefinition, Verdict } from '../contract.ts';
import { sshAnomalies } from './anomalies.ts';
import { SshDecoder } from './decoder.ts';
import { sshFields } from './fields.ts';

const start = Buffer.from('SSH-');

/** Both sides begin with their identification string. */
function probe(bytes: Buffer, from: number, to: number): Verdict {
  const length = Math.min(start.length, to - from);
  if (bytes.compare(start, 0, length, from, from + length) !== 0) return Verdict.no;
  return length === start.length ? Verdict.certain : Verdict.needMore;
}

export const sshDecoder: DecoderDefinition = {
  name: 'ssh',
  title: 'SSH',
  transports: ['tcp'],
  ports: [22],
  firstBytes: [start[0] as number],
  records: [],
  sessionFields: Object.values(sshFields),
  anomalies: Object.values(sshAnomalies),
  options: Type.Object({}),
  probe: (_direction, bytes, from, to) => probe(bytes, from, to),
  create: (context) => new SshDecoder(context),
};
