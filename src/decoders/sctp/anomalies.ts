// What can be wrong with SCTP.

import { defineAnomalies } from '../../record/index.ts';

export const sctpAnomalies = defineAnomalies('sctp', {
  bad_chunk: 'A chunk is shorter than its header, or ends behind its packet; the rest of the packet is not read.',
  too_many_fragments: 'More of unfinished messages came than max_fragments or max_message_bytes; the oldest is dropped.',
});
