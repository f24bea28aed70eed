// Schema of `[decoder.pop3]`.

import { type Static, Type } from 'typebox';

export const pop3Options = Type.Object({
  max_line_bytes: Type.Integer({
    description: 'Longest line that is read, in bytes.',
    default: 4096,
    minimum: 512,
    maximum: 1_048_576,
  }),
});

export type Pop3Options = Static<typeof pop3Options>;
