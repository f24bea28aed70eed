// What MQTT adds to its session's record.

import { collected } from '../session-field.ts';

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
