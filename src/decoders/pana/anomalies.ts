// What can be wrong with PANA.

import { defineAnomalies } from '../../record/index.ts';

export const panaAnomalies = defineAnomalies('pana', {
  bad_avp: 'An AVP ends behind its message.',
});
