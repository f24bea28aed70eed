// Schema of `[decoder.sctp]`.

import { type Static, Type } from 'typebox';

export const sctpOptions = Type.Object({
  max_message_bytes: Type.Integer({
    default: 65_536,
    minimum: 1024,
    maximum: 16_777_216,
    description: 'Bytes of unfinished user messages that are kept of a session.',
  }),
  max_fragments: Type.Integer({
    default: 256,
    minimum: 2,
    maximum: 65_536,
    description: 'Fragments of unfinished user messages that are kept of a session.',
  }),
});

export type SctpOptions = Static<typeof sctpOptions>;
