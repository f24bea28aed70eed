// MQTT over TCP as recognition, configuration and the field registry see it.

import { tagsField, userField } from '../../record/index.ts';
import { type DecoderDefinition, type Direction, Verdict } from '../contract.ts';
import { beginVerdict } from '../first-bytes.ts';
import { needMoreBytes, noMessage } from '../framed-decoder.ts';
import { mqttAnomalies } from './anomalies.ts';
import { MqttDecoder, packetLength } from './decoder.ts';
import { mqttFields } from './fields.ts';
import { type MqttOptions, mqttOptions } from './options.ts';

/** Protocol names of CONNECT with their lengths: 3.1.1 and later, 3.1. */
const names = [Buffer.from('\0\u0004MQTT', 'latin1'), Buffer.from('\0\u0006MQIsdp', 'latin1')];

const publish = 3;

/** With the flags that a packet type must have, MQTT 5.0 section 2.1.3: 2 for PUBREL, SUBSCRIBE and UNSUBSCRIBE; PUBLISH has any but QoS 3. */
const firstBytes = Array.from({ length: 256 }, (_, byte) => byte).filter(isFirst);

function isFirst(byte: number): boolean {
  const type = byte >> 4;
  const flags = byte & 0x0f;
  if (type === publish) return (flags & 6) !== 6;
  return type > 0 && flags === (type === 6 || type === 8 || type === 10 ? 2 : 0);
}

/** Pings are nothing but a header, and only they; DISCONNECT may be. */
const bare = [0xc0, 0xd0];
const disconnect = 0xe0;
const headerBytes = 2;

/** A CONNECT is certain by its protocol name; in the middle of a session any packet is one on MQTT's port. */
function probe(_direction: Direction, bytes: Buffer, from: number, to: number): Verdict {
  const first = bytes[from] as number;
  if (!isFirst(first)) return Verdict.no;
  const length = packetLength(bytes, from, to);
  if (length === noMessage) return Verdict.no;
  if (length === needMoreBytes) return Verdict.needMore;
  if (first !== 0x10)
    return bare.includes(first) === (length === headerBytes) || first === disconnect ? Verdict.faint : Verdict.no;
  let at = from + 1;
  while ((bytes[at] as number) >= 0x80) at += 1;
  at += 1;
  for (const name of names) {
    const verdict = beginVerdict(name, bytes, at, to);
    if (verdict !== Verdict.no) return verdict;
  }
  return Verdict.no;
}

export const mqttDecoder: DecoderDefinition = {
  name: 'mqtt',
  title: 'MQTT 3.1, 3.1.1, 5.0: clients, topics, control packets',
  transports: ['tcp'],
  ports: [1883],
  firstBytes,
  records: [],
  sessionFields: [...Object.values(mqttFields), tagsField, userField],
  anomalies: Object.values(mqttAnomalies),
  options: mqttOptions,
  probe,
  create: (context, options) => new MqttDecoder(context, options as unknown as MqttOptions),
};
