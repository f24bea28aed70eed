// ONC RPC (RFC 5531) over UDP and TCP as recognition, configuration and the field registry see it: NFS and the services around it.

import { Type } from 'typebox';
import type { DecoderDefinition } from '../contract.ts';
import { callForms, probeCall } from './call.ts';
import { RpcDecoder } from './decoder.ts';

export const rpcDecoder: DecoderDefinition = {
  name: 'rpc',
  title: 'ONC RPC: NFS, port mapper and the like, by the programs called',
  transports: ['udp', 'tcp'],
  ports: [111, 2049],
  namesItself: true,
  forms: callForms,
  records: [],
  sessionFields: [],
  anomalies: [],
  options: Type.Object({}),
  probe: (_direction, bytes, from, to) => probeCall(bytes, from, to),
  create: (context) => new RpcDecoder(context),
};
