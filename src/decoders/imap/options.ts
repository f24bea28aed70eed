// Schema of `[decoder.imap]`.

import { type Static, Type } from 'typebox';

export const imapOptions = Type.Object({
  max_line_bytes: Type.Integer({
    description: 'Longest line that is read, in bytes.',
    default: 8192,
    minimum: 512,
    maximum: 1_048_576,
  }),
  max_headers: Type.Integer({
    description: 'Most header fields of one fetched message that are read.',
    default: 500,
    minimum: 8,
    maximum: 10_000,
  }),
});

export type ImapOptions = Static<typeof imapOptions>;
