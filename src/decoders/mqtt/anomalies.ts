// What can be wrong with MQTT.

import { defineAnomalies } from '../../record/index.ts';

export const mqttAnomalies = defineAnomalies('mqtt', {
  malformed: 'A length in a control packet leads out of it.',
  too_long: 'What is read of a control packet is longer than max_packet_bytes.',
});
