// Schema of `[decoder.opcua]`.

import { type Static, Type } from 'typebox';

export const opcuaOptions = Type.Object({
  max_message_bytes: Type.Integer({
    default: 32_768,
    minimum: 256,
    maximum: 1_048_576,
    description: 'Bytes of a message that are read: certificates are long.',
  }),
});

export type OpcuaOptions = Static<typeof opcuaOptions>;
