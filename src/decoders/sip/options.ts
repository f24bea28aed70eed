// Schema of `[decoder.sip]`.

import { type Static, Type } from 'typebox';

export const sipOptions = Type.Object({
  max_line_bytes: Type.Integer({
    description: 'Longest header field that is read, in bytes.',
    default: 4096,
    minimum: 256,
    maximum: 65_536,
  }),
  max_headers: Type.Integer({
    description: 'Most header fields of one message that are read.',
    default: 200,
    minimum: 8,
    maximum: 10_000,
  }),
});

export type SipOptions = Static<typeof sipOptions>;
