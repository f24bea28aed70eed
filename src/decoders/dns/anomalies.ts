// What can be wrong with DNS on the wire. Counted by the decoder; the first of its name in a session makes a record.

import { defineAnomalies } from '../../record/index.ts';

export const dnsAnomalies = defineAnomalies('dns', {
  short_header: 'A datagram has less than the 12 bytes of a DNS header.',
  bad_name: 'A domain name has an unknown label type, more than 255 bytes, or a pointer into the header.',
  pointer_loop: 'A compressed name points to itself or forward, or through too many pointers.',
  truncated_message: 'A message ends within a question or a record, or its stream ends before its length.',
  bad_count: 'A message ends before the number of records that its header gives.',
  trailing_bytes: 'Bytes follow the last record of a message.',
  bad_record_data: "A record's data is not what its type asks for.",
  bad_edns: 'An OPT record is malformed, or there are several.',
  bad_length: 'A message in a stream is said to be shorter than a header.',
  response_mismatch: 'A response has the id of an open query but another question.',
  too_many_pending: 'A session has more open queries than max_pending; the oldest counts as unanswered.',
  lost_framing: 'No message was found in a stream after a hole; this direction is given up.',
});
