// What can be wrong with HTTP/2.

import { defineAnomalies } from '../../record/index.ts';

export const http2Anomalies = defineAnomalies('http2', {
  bad_frame: 'A frame is not as RFC 9113 section 4 and 6 have it; the session is given up.',
  bad_header_block: 'A header block is not as RFC 7541 has it; the session is given up.',
  head_too_large: 'A header block is longer than max_head_bytes; the session is given up.',
  too_many_streams: 'More bodies are under way than max_streams; those of further streams are not looked at.',
});
