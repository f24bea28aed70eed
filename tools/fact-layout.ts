// What a packet worker asks of the addon for its records: facts of a session and values that decoders have found, as JSON
// (crates/capture/src/facts). A plan says which, under which names, in which objects; it is made once for a record type, as bytes:
//
//   text:       | step u8 | 0 u8 | length u16 | bytes |       as they are
//   open:       as text: the bytes are `,"name":`; taken back if nothing follows before `close`
//   close:      | step u8 | 0 u8 | 0 u16 |
//   time:       | step u8 | 0 u8 | 0 u16 |                    the record's time
//   fact:       | step u8 | 0 u8 | length u16 | fact u8 | which u8 | `,"name":` |
//   value:      | step u8 | 0 u8 | length u16 | index u8 | 0 u8 | `,"name":` |    of the record's values that with the index
//   notes:      | step u8 | 0 u8 | 0 u16 |                    what was noted of the session; a plan has one of these at most
//
// Notes lie in chunks of an arena (src/session/notes.ts), whose memory comes in slabs:
//
//   chunk:   | next u32 | length of all u32 (first chunk only) | 24 or 28 bytes |
//   a note:  | number of its field u16 | length, 7 bits a byte, low ones first | JSON, blanks before it |
//
// Part of tools/layout.ts.

import { type ConstantGroup, numbered } from './constant-group.ts';

export const factConstants: readonly ConstantGroup[] = [
  numbered('fact_step', 'Steps of a plan.', [
    ['text', 0, 'bytes as they are'],
    ['open', 1, 'an object'],
    ['close', 2, 'its end'],
    ['time', 3, 'the time of the record'],
    ['fact', 4, 'a member: name and value, or nothing where there is no value'],
    ['value', 5, 'a member whose value is among those of the record, or nothing where it is not'],
    ['notes', 6, 'members, sorted by path, of all that is noted of the session'],
  ]),
  numbered('note_chunk', 'Chunks of notes.', [
    ['bytes', 32, 'of a chunk'],
    ['slab_shift', 12, 'chunks of a slab, as a power of two'],
    ['first_head', 8, 'bytes before the notes in the first chunk of a session'],
    ['later_head', 4, 'in each other one'],
  ]),
  numbered('note_form', 'How a plan has a noted field: bits.', [
    ['list', 1, 'all of its values, as a list'],
    ['latin', 2, 'bytes from 0x80 on are characters of Latin-1'],
  ]),
  numbered('fact', 'What may be said of a session; `which`: the side, or which of several.', [
    ['id', 0, 'session id'],
    ['address', 1, 'of a side; not of layer 2'],
    ['port', 2, 'of a side; TCP, UDP, SCTP'],
    ['mac', 3, 'of a side, `AA-BB-…` (RFC 7042); its address of layer 2'],
    ['network_type', 4, 'ipv4, ipv6, or the name of the EtherType'],
    ['transport', 5, "IP protocol by IANA's keyword"],
    ['iana_number', 6, 'IP protocol number'],
    ['community_id', 7, 'version 1'],
    ['start', 8, 'date of the first packet'],
    ['end', 9, 'date of the last packet'],
    ['duration', 10, 'nanoseconds between them'],
    ['first_protocol', 11, 'first of the protocols recognised'],
    ['protocols', 12, 'all of them'],
    ['all_packets', 13, 'of both sides'],
    ['all_bytes', 14, 'of both sides'],
    ['vlan', 15, 'n-th VLAN id'],
    ['reason', 16, 'why the record is written'],
    ['part', 17, 'which part, from 1 on'],
    ['midstream', 18, 'true where no SYN was seen'],
    ['tcp_state', 19, 'state of the connection'],
    ['handshake_us', 20, 'microseconds that the handshake took'],
    ['packets', 21, 'of a side'],
    ['bytes', 22, 'of a side: frames on the wire'],
    ['payload_bytes', 23, 'of a side: distinct payload'],
    ['ttl', 24, "of a side's first packet"],
    ['duplicates', 25, 'of a side: UDP datagrams captured twice'],
    ['tcp_flags', 26, 'of a side: letters of all flags seen'],
    ['gap_bytes', 27, 'of a side: stream bytes never seen'],
    ['retransmitted', 28, 'of a side: TCP packets with nothing new'],
    ['out_of_order', 29, 'of a side: TCP packets before earlier bytes'],
  ]),
  numbered('value_kind', 'What a value of a record is; `fact_value` says where.', [
    ['count', 0, '`from` is the number'],
    ['number', 1, '`number` is the number, a safe integer'],
    ['date', 2, '`number` is a time, microseconds since 1970'],
    ['boolean', 3, '`from` is 1 for true'],
    ['text', 4, 'UTF-8 that is to be quoted and escaped'],
    ['json', 5, 'JSON as it is'],
  ]),
];
