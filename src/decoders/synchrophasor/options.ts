// Schema of `[decoder.synchrophasor]`.

import { type Static, Type } from 'typebox';

export const synchrophasorOptions = Type.Object({
  max_frame_bytes: Type.Integer({
    default: 65_535,
    minimum: 64,
    maximum: 65_535,
    description: 'Bytes of a frame that are read.',
  }),
});

export type SynchrophasorOptions = Static<typeof synchrophasorOptions>;
