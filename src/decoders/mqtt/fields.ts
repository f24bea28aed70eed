// What MQTT adds to its session's record, what can be wrong, and `[decoder.mqtt]`.

import { type Static, Type } from 'typebox';
import { defineAnomalies } from '../../record/index.ts';
import { collected } from '../collected-field.ts';

export const mqttFields = {
  clientId: collected('keyword', 'mqtt.client_id', 'Client identifiers of CONNECT.', { path: 'mqtt.clientId' }),
  topic: collected('keyword', 'mqtt.topic', 'Topics published, and topic filters (un)subscribed.', { path: 'mqtt.topic' }),
  version: collected('keyword', 'mqtt.version', 'Versions of CONNECT: 3.1, 3.1.1, 5.0.', { path: 'mqtt.version' }),
  type: collected('keyword', 'mqtt.type', 'Types of control packets.', { path: 'mqtt.type' }),
  willTopic: collected('keyword', 'mqtt.will_topic', 'Will topics of CONNECT.', { path: 'mqtt.willTopic' }),
  qos: collected('long', 'mqtt.qos', 'Qualities of service of PUBLISH, and of wills.', { path: 'mqtt.qos' }),
  flags: collected('keyword', 'mqtt.flags', 'Flags of CONNECT: cleanSession, hasWill, willRetain, hasPassword.', {
    path: 'mqtt.flags',
  }),
  connackCode: collected('long', 'mqtt.connack_code', 'Return and reason codes of CONNACK.', { path: 'mqtt.connackCode' }),
} as const;

export const anomalies = defineAnomalies('mqtt', {
  malformed: 'A length in a control packet leads out of it.',
  too_long: 'What is read of a control packet is longer than max_packet_bytes.',
});

export const mqttOptions = Type.Object({
  max_packet_bytes: Type.Integer({
    description: 'Most bytes of a control packet that are read; payloads behind a topic may be longer.',
    default: 8192,
    minimum: 128,
    maximum: 1_048_576,
  }),
});

export type MqttOptions = Static<typeof mqttOptions>;
