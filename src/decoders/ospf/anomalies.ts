// What can be wrong with OSPF.

import { defineAnomalies } from '../../record/index.ts';

export const ospfAnomalies = defineAnomalies('ospf', {
  bad_header: 'A packet is shorter than its header, or of an unknown version.',
});
