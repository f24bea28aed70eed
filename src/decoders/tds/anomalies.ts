// What can be wrong with TDS.

import { defineAnomalies } from '../../record/index.ts';

export const tdsAnomalies = defineAnomalies('tds', {
  bad_login: 'A login record has a name that leads out of its packet.',
});
