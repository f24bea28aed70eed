// What can be wrong with C12.22.

import { defineAnomalies } from '../../record/index.ts';

export const c1222Anomalies = defineAnomalies('c1222', {
  bad_message: 'Where a message must begin there is no association or no length; the session is given up.',
});
