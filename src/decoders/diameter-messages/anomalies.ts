// What can be wrong with Diameter.

import { defineAnomalies } from '../../record/index.ts';

export const diameterAnomalies = defineAnomalies('diameter', {
  bad_header: 'Where a message must begin the version is not 1, or the length less than a header; the session is given up.',
  bad_avp: 'An AVP is shorter than its header, or ends behind its message; the rest of the message is not read.',
});
