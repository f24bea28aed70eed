// SSH as recognition, configuration and the field registry see it.

import { Type } from 'typebox';
import type { DecoderDefinition } from '../contract.ts';
import { beginVerdict } from '../first-bytes.ts';
import { sshAnomalies } from './anomalies.ts';
import { SshDecoder } from './decoder.ts';
import { sshFields } from './fields.ts';
import { sshPort } from './sides.ts';

/** Both sides begin with their identification string. */
const start = Buffer.from('SSH-');

export const sshDecoder: DecoderDefinition = {
  name: 'ssh',
  title: 'SSH',
  transports: ['tcp'],
  ports: [sshPort],
  firstBytes: [start[0] as number],
  records: [],
  sessionFields: Object.values(sshFields),
  anomalies: Object.values(sshAnomalies),
  options: Type.Object({}),
  probe: (_direction, bytes, from, to) => beginVerdict(start, bytes, from, to),
  create: (context) => new SshDecoder(context),
};
