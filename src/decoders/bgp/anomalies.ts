// What can be wrong with BGP.

import { defineAnomalies } from '../../record/index.ts';

export const bgpAnomalies = defineAnomalies('bgp', {
  bad_header: 'Where a message must begin there is no marker of ones, or no length; the session is given up.',
});
