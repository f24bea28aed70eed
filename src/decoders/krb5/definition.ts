// Kerberos 5 over TCP and UDP as recognition, configuration and the field registry see it.

import { Type } from 'typebox';
import { tagsField } from '../../record/index.ts';
import type { DecoderDefinition } from '../contract.ts';
import { Krb5Decoder } from './decoder.ts';
import { krb5Fields } from './fields.ts';
import { probeKrb5 } from './probe.ts';

export const krb5Decoder: DecoderDefinition = {
  name: 'krb5',
  title: 'Kerberos 5',
  transports: ['tcp', 'udp'],
  ports: [88, 464, 750],
  // Over UDP a message begins at once, over TCP with its length.
  firstBytes: [0, 0x6a, 0x6b, 0x6c, 0x6d, 0x7e],
  namesItself: true,
  records: [],
  sessionFields: [...Object.values(krb5Fields), tagsField],
  anomalies: [],
  options: Type.Object({}),
  probe: (_direction, bytes, from, to) => probeKrb5(bytes, from, to),
  create: (context) => new Krb5Decoder(context),
};
