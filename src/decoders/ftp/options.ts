// Schema of `[decoder.ftp]`.

import { type Static, Type } from 'typebox';

export const ftpOptions = Type.Object({
  max_line_bytes: Type.Integer({
    description: 'Longest line that is read, in bytes.',
    default: 4096,
    minimum: 512,
    maximum: 1_048_576,
  }),
});

export type FtpOptions = Static<typeof ftpOptions>;
