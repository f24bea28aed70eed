// Output plugin `stdout`: records to standard output, as they are encoded (NDJSON). For pipes and for looking.

import { Type } from 'typebox';
import { definePlugin } from '../../src/plugin/index.ts';
import { StreamOutput } from './stream-output.ts';

const standardOutput = 1;

export default definePlugin({
  kind: 'output',
  name: 'stdout',
  description: 'Records to standard output.',
  config: Type.Object({}, { additionalProperties: false }),
  create: () => new StreamOutput(standardOutput),
});
