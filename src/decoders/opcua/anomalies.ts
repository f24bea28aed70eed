// What can be wrong with OPC UA.

import { defineAnomalies } from '../../record/index.ts';

export const opcuaAnomalies = defineAnomalies('opcua', {
  bad_message: 'Where a message must begin its type or length is none; the session is given up.',
});
