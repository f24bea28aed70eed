// All fuzz targets of the TypeScript side. A new decoder becomes one by being in the registry.

import { decoderDefinitions } from '../../src/decoders/index.ts';
import { configTarget } from './config-target.ts';
import { decoderTarget } from './decoder-target.ts';
import { encoderTarget } from './encoder-target.ts';
import { sessionTarget } from './session-target.ts';
import type { Target } from './target.ts';

export const targets: readonly Target[] = [
  ...decoderDefinitions.map((definition) => decoderTarget(definition)),
  sessionTarget,
  encoderTarget,
  configTarget,
];
