// SOCKS as recognition, configuration and the field registry see it.

import { Type } from 'typebox';
import type { DecoderDefinition } from '../contract.ts';
import { SocksDecoder } from './decoder.ts';
import { probeSocks } from './probe.ts';
import { socksAnomalies, socksFields } from './session-fields.ts';

export const socksDecoder: DecoderDefinition = {
  name: 'socks',
  title: 'SOCKS 4, 4a and 5',
  transports: ['tcp'],
  ports: [1080],
  firstBytes: [4, 5],
  records: [],
  sessionFields: socksFields,
  anomalies: Object.values(socksAnomalies),
  options: Type.Object({}),
  probe: probeSocks,
  create: (context) => new SocksDecoder(context),
};
