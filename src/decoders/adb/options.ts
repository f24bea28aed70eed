// Schema of `[decoder.adb]`.

import { type Static, Type } from 'typebox';

export const adbOptions = Type.Object({
  max_message_bytes: Type.Integer({
    description: 'Most bytes of a message that are read.',
    default: 262_168,
    minimum: 256,
    maximum: 1_048_600,
  }),
  max_streams: Type.Integer({
    description: 'Most open streams of a session whose contents are read.',
    default: 64,
    minimum: 1,
    maximum: 10_000,
  }),
});

export type AdbOptions = Static<typeof adbOptions>;
