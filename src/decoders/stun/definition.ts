// STUN (RFC 8489) and TURN (RFC 8656) as recognition, configuration and the field registry see them.

import { Type } from 'typebox';
import { tagsField } from '../../record/index.ts';
import type { DecoderDefinition } from '../contract.ts';
import { StunDatagramDecoder, StunStreamDecoder } from './decoder.ts';
import { stunFields } from './fields.ts';
import { probe } from './probe.ts';

export const stunDecoder: DecoderDefinition = {
  name: 'stun',
  title: 'STUN and TURN',
  transports: ['udp', 'tcp'],
  ports: [3478, 3479, 5349, 19302],
  firstBytes: [0, 1, 2, 3, 0x52],
  records: [],
  sessionFields: [...Object.values(stunFields), tagsField],
  anomalies: [],
  options: Type.Object({}),
  probe,
  create: (context) => (context.transport === 'udp' ? new StunDatagramDecoder(context) : new StunStreamDecoder(context)),
};
