// IRC as recognition, configuration and the field registry see it.

import { Type } from 'typebox';
import type { DecoderDefinition } from '../contract.ts';
import { ircAnomalies } from './anomalies.ts';
import { IrcDecoder } from './decoder.ts';
import { ircFields } from './fields.ts';
import { probeIrc } from './probe.ts';

export const ircDecoder: DecoderDefinition = {
  name: 'irc',
  title: 'Internet Relay Chat',
  transports: ['tcp'],
  ports: [194, 6660, 6661, 6662, 6663, 6664, 6665, 6666, 6667, 6668, 6669, 7000],
  firstBytes: [...':NCUP'].map((character) => character.charCodeAt(0)),
  records: [],
  sessionFields: Object.values(ircFields),
  anomalies: Object.values(ircAnomalies),
  options: Type.Object({}),
  probe: (_direction, bytes, from, to) => probeIrc(bytes, from, to),
  create: (context) => new IrcDecoder(context),
};
