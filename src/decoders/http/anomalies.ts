// What can be wrong with an HTTP conversation on the wire. Raised by every file of this room on a packet worker.

import { defineAnomalies } from '../../record/index.ts';

export const httpAnomalies = defineAnomalies('http', {
  bad_request_line: 'Where a request line was due came something else; the decoder looks for the next request line.',
  lax_request_line:
    'A request line with more than one space between its parts, spaces in its target or a lower-case method (RFC 9112 section 3).',
  bad_status_line: 'Where a status line was due came something else; the decoder looks for the next status line.',
  bad_header: 'A header line without a colon, with bytes in its name that are no token, or with space before the colon.',
  folded_header: 'A header value goes on in the next line, which RFC 9112 section 5.2 forbids.',
  bare_line_feed: 'The first line of a message ends with LF alone instead of CRLF.',
  head_too_large: 'A head is longer than max_head_bytes; the rest of it was not read.',
  too_many_headers: 'A head has more than max_headers header lines; of the rest only those that frame the body were read.',
  uri_too_long: 'A request target is longer than max_uri_bytes; its record holds the beginning.',
  repeated_length: 'Content-Length was given more than once, with the same value.',
  conflicting_length: 'Content-Length was given more than once with different values; the first was used (request smuggling).',
  bad_length: 'A Content-Length that is not a decimal number below 2^53.',
  length_with_encoding:
    'Both Transfer-Encoding and Content-Length in one message (RFC 9112 section 6.3, request smuggling); the length was ignored.',
  bad_transfer_encoding: 'A Transfer-Encoding that does not end with chunked, or names it twice; the body has no known end.',
  bad_chunk_size: 'A chunk does not begin with a hexadecimal size or does not end with a line end; the message is given up.',
  response_without_request: 'A response came with no request waiting for it.',
  too_many_pipelined: 'More than max_pipelined requests wait for their responses; further ones are recorded unpaired.',
  repeated_host: 'A request has more than one Host header; the first was used.',
  lost_track: 'After a loss no start of a message was found within resync_bytes; the rest of this direction is not read.',
});
