// SOCKS as recognition, configuration and the field registry see it.

import { Type } from 'typebox';
import type { DecoderDefinition } from '../contract.ts';
import { socksAnomalies } from './anomalies.ts';
import { SocksDecoder } from './decoder.ts';
import { socksFields } from './fields.ts';
import { probeSocks } from './probe.ts';

export const socksDecoder: DecoderDefinition = {
  name: 'socks',
  title: 'SOCKS 4, 4a and 5',
  transports: ['tcp'],
  ports: [1080],
  firstBytes: [4, 5],
  records: [],
  sessionFields: Object.values(socksFields),
  anomalies: Object.values(socksAnomalies),
  options: Type.Object({
    max_early_bytes: Type.Integer({
      description: 'Bytes of a side that are held for the tunnel until the proxy opens it; the others are a hole in its stream.',
      default: 16384,
      minimum: 0,
      maximum: 1048576,
    }),
  }),
  probe: probeSocks,
  create: (context, options) => new SocksDecoder(context, options.max_early_bytes as number),
};
