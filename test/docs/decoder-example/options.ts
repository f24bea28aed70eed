// Schema of `[decoder.memcached]`.

import { type Static, Type } from 'typebox';

export const memcachedOptions = Type.Object({
  max_line_bytes: Type.Integer({ default: 2048, minimum: 64, maximum: 65536, description: 'Longest line.' }),
  max_pending: Type.Integer({ default: 256, minimum: 1, maximum: 65536, description: 'Open commands in a session.' }),
});

export type MemcachedOptions = Static<typeof memcachedOptions>;
