// Schema of `[decoder.mqtt]`.

import { type Static, Type } from 'typebox';

export const mqttOptions = Type.Object({
  max_packet_bytes: Type.Integer({
    description: 'Most bytes of a control packet that are read; payloads behind a topic may be longer.',
    default: 8192,
    minimum: 128,
    maximum: 1_048_576,
  }),
});

export type MqttOptions = Static<typeof mqttOptions>;
