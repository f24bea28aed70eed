// Output plugin `json-folder`: files that each hold an array of records, for programs that take what appears in a folder.

import { Type } from 'typebox';
import { definePlugin } from '../../src/plugin/index.ts';
import { JsonFolderOutput } from './json-folder-output.ts';

export default definePlugin({
  kind: 'output',
  name: 'json-folder',
  description: 'Records as JSON arrays, each a file of its own that appears in a folder when it is complete.',
  config: Type.Object(
    {
      directories: Type.Array(Type.String({ minLength: 1 }), {
        default: ['records'],
        minItems: 1,
        maxItems: 64,
        description:
          'Folders that get a file in turn; relative paths are in the log directory. A file is written in `tmp` below its folder and moved up when it is complete.',
      }),
      max_bytes: Type.Integer({
        default: 10000000,
        minimum: 4096,
        maximum: 1000000000,
        description: 'A file that has come to this size is complete; it may be larger by one batch.',
      }),
      max_secs: Type.Number({
        default: 60,
        minimum: 0.1,
        maximum: 86400,
        description: 'A file is complete so long after its first record.',
      }),
      mode: Type.String({ default: '0640', pattern: '^0?[0-7]{3}$', description: 'Permissions of the files, octal.' }),
    },
    { additionalProperties: false },
  ),
  counters: {
    completed_files: 'Files that were moved into place.',
    unwritable_folders: 'Times a folder was passed over because no file could be made in it.',
  },
  check: (_config, { format }) =>
    format === 'arkime_bulk'
      ? [['format', 'has lines between the records, which are no JSON array; choose "ecs" or "arkime"']]
      : [],
  create: (context, config) => new JsonFolderOutput(context, config),
});
