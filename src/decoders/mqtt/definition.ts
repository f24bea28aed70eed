// MQTT over TCP as recognition, configuration and the field registry see it.

import { tagsField, userField } from '../../record/index.ts';
import { type DecoderDefinition, type Direction, Verdict } from '../contract.ts';
import { needMoreBytes, noMessage } from '../framed-decoder.ts';
import { MqttDecoder, packetLength } from './decoder.ts';
import { anomalies, type MqttOptions, mqttFields, mqttOptions } from './fields.ts';

/** Protocol names of CONNECT with their lengths: 3.1.1 and later, 3.1. */
const names = [Buffer.from('\0\u0004MQTT', 'latin1'), Buffer.from('\0\u0006MQIsdp', 'latin1')];

/** A CONNECT is certain by its protocol name; in the middle of a session CONNACK and PUBLISH are likely on MQTT's port. */
function probe(_direction: Direction, bytes: Buffer, from: number, to: number): Verdict {
  const first = bytes[from] as number;
  const length = packetLength(bytes, from, to);
  if (length === noMessage) return Verdict.no;
  if (first === 0x20) return length === needMoreBytes ? Verdict.needMore : length === 4 ? Verdict.faint : Verdict.no;
  if (first !== 0x10) return length === needMoreBytes ? Verdict.needMore : length > 4 ? Verdict.faint : Verdict.no;
  if (length === needMoreBytes) return Verdict.needMore;
  let at = from + 1;
  while ((bytes[at] as number) >= 0x80) at += 1;
  at += 1;
  for (const name of names) {
    const seen = Math.min(name.length, to - at);
    if (bytes.compare(name, 0, seen, at, at + seen) === 0) return seen === name.length ? Verdict.certain : Verdict.needMore;
  }
  return Verdict.no;
}

export const mqttDecoder: DecoderDefinition = {
  name: 'mqtt',
  title: 'MQTT 3.1, 3.1.1, 5.0: clients, topics, control packets',
  transports: ['tcp'],
  ports: [1883],
  // CONNECT, CONNACK, PUBLISH with each of its flags but for the impossible QoS 3.
  firstBytes: [0x10, 0x20, ...Array.from({ length: 16 }, (_, flags) => 0x30 | flags).filter((byte) => (byte & 6) !== 6)],
  records: [],
  sessionFields: [...Object.values(mqttFields), tagsField, userField],
  anomalies: Object.values(anomalies),
  options: mqttOptions,
  probe,
  create: (context, options) => new MqttDecoder(context, options as unknown as MqttOptions),
};
