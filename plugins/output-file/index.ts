// Output plugin `file`: records to local files (NDJSON), with rotation by size and time and with compression.

import { Type } from 'typebox';
import { definePlugin } from '../../src/plugin/index.ts';
import { FileOutput } from './file-output.ts';

export default definePlugin({
  kind: 'output',
  name: 'file',
  description: 'Records to files, with rotation and compression.',
  config: Type.Object(
    {
      path: Type.String({
        default: 'ringtap.ndjson',
        minLength: 1,
        description: 'File; relative paths are in the log directory. `{type}` stands for the record type: a file each.',
      }),
      compression: Type.Union([Type.Literal('none'), Type.Literal('gzip'), Type.Literal('zstd')], {
        default: 'none',
        description: 'Compression; `.gz` or `.zst` is added to the name.',
      }),
      append: Type.Boolean({ default: true, description: 'Go on at the end of a file that exists; false: start it anew.' }),
      rotate_bytes: Type.Integer({
        default: 0,
        minimum: 0,
        maximum: Number.MAX_SAFE_INTEGER,
        description: 'A file that has grown to this size is closed, renamed with the time, and a new one begun; 0: never.',
      }),
      rotate_secs: Type.Integer({
        default: 0,
        minimum: 0,
        maximum: 31536000,
        description: 'Likewise after this time; 0: never.',
      }),
      keep_files: Type.Integer({ default: 0, minimum: 0, maximum: 1000000, description: 'Rotated files kept, a path; 0: all.' }),
      cache_bytes: Type.Integer({
        default: 16777216,
        minimum: 0,
        maximum: Number.MAX_SAFE_INTEGER,
        description:
          "Bytes at the end of a file that stay in the system's page cache; what is older is written to disk and its memory given back. 0: left to the system.",
      }),
      mode: Type.String({ default: '0640', pattern: '^0?[0-7]{3}$', description: 'Permissions of new files, octal.' }),
    },
    { additionalProperties: false },
  ),
  counters: {
    rotated_files: 'Files that were rotated.',
    deleted_files: 'Rotated files that were deleted because of keep_files.',
  },
  light: true,
  create: (context, config) => new FileOutput(context, config),
});
