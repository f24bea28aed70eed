// Every decoder that ships with the sensor, in the order in which they are asked. A new decoder is added here and nowhere
// else.

import type { DecoderDefinition } from './contract.ts';
import { dnsDecoder } from './dns/index.ts';
import { httpDecoder } from './http/index.ts';
import { tlsDecoder } from './tls/index.ts';

export const decoderDefinitions: readonly DecoderDefinition[] = [tlsDecoder, httpDecoder, dnsDecoder];
