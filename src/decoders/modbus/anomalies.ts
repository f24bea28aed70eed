// What can be wrong with Modbus.

import { defineAnomalies } from '../../record/index.ts';

export const modbusAnomalies = defineAnomalies('modbus', {
  bad_header: 'A protocol identifier is not 0, or a length is not 2 to 255; the session is given up.',
});
