// The keys of `[[output]]` with `kind = "pcap"`, and what packet workers have to know of them. On the main thread to be checked, on
// the output thread to be used.

import { resolve } from 'node:path';
import { type Static, Type } from 'typebox';
import { errorCodes, SensorError } from '../../src/errors.ts';
import { mostEncryptedBytes, readKeys, timeText } from '../../src/pcap/index.ts';
import type { ConfigProblem, OutputContext, PacketForm, PacketRun } from '../../src/plugin/index.ts';
import type { FileOptions } from './aligned-file.ts';

const most = Number.MAX_SAFE_INTEGER;

export const pcapSchema = Type.Object(
  {
    path: Type.String({
      default: '',
      description:
        'One file for all packets, as with tcpdump -w (-w on the command line); `-`: standard output; %Y %m %d %H %M %S are the time of its first packet. Empty: packets are stored in files of their own for each packet worker, in `directories`, and sessions say where theirs are.',
    }),
    file_format: Type.Union([Type.Literal('pcap'), Type.Literal('pcapng')], {
      default: 'pcap',
      description: 'With `path`: `pcapng` has names of interfaces, directions, nanoseconds and the comment.',
    }),
    nanoseconds: Type.Boolean({ default: false, description: 'With `path` and `pcap`: times in nanoseconds.' }),
    comment: Type.String({ default: '', maxLength: 60000, description: 'With `path` and `pcapng`: comment of the file.' }),
    keep_files: Type.Integer({
      default: 0,
      minimum: 0,
      maximum: 1000000,
      description: 'With `path`: files of this run that stay, the newest; 0: all.',
    }),
    rotate_bytes: Type.Integer({
      default: 0,
      minimum: 0,
      maximum: most,
      description: 'A file with so many bytes, before compression, is finished; 0: never with `path`, else 12 GiB.',
    }),
    rotate_secs: Type.Integer({
      default: 0,
      minimum: 0,
      maximum: 31536000,
      description: 'Likewise after so many seconds of packet time; 0: never (with `short_head` after 3600).',
    }),
    directories: Type.Array(Type.String({ minLength: 1 }), {
      default: ['pcap'],
      minItems: 1,
      description: 'Folders for stored files; relative ones are in the log directory. Lists and indexes are in the first.',
    }),
    directory_choice: Type.Union(
      [Type.Literal('round-robin'), Type.Literal('max-free-percent'), Type.Literal('max-free-bytes')],
      {
        default: 'round-robin',
        description: 'Which folder gets the next file.',
      },
    ),
    directory_template: Type.String({
      default: '',
      pattern: '^(?!/)(?!.*(^|/)\\.\\.(/|$)).*$',
      description: 'Folder below that one, as in %Y/%m/%d; empty: none.',
    }),
    name_template: Type.String({
      default: '{node}-%y%m%d-{number}',
      pattern: '^[^/]*\\{number\\}[^/]*$',
      description: 'Names of stored files, without ending: {number}, {node} and the time of the first packet.',
    }),
    compression: Type.Union([Type.Literal('none'), Type.Literal('gzip'), Type.Literal('zstd')], {
      default: 'none',
      description: 'Of stored files, in blocks that can be read each by itself.',
    }),
    compression_level: Type.Integer({ default: 3, minimum: 1, maximum: 19, description: 'Level; gzip has none above 9.' }),
    compression_threads: Type.Integer({ default: 2, minimum: 1, maximum: 64, description: 'Threads that compress.' }),
    block_bytes: Type.Integer({
      default: 64000,
      minimum: 8191,
      maximum: 1048575,
      description: 'A block ends with the packet that brings it to this size.',
    }),
    encryption: Type.Union([Type.Literal('none'), Type.Literal('aes-256-ctr'), Type.Literal('xor-2048')], {
      default: 'none',
      description:
        'Of stored files, each with a key of its own that is wrapped by one of `key_file`. `xor-2048` is no protection, but Arkime has it.',
    }),
    key_file: Type.String({ default: '', description: 'File with lines `id = secret`.' }),
    key_id: Type.String({ default: '', description: 'Which of them wraps the keys of new files; %y %m %d %H %M and {node}.' }),
    key_wrapping: Type.Union([Type.Literal('aes-256-gcm'), Type.Literal('legacy')], {
      default: 'aes-256-gcm',
      description: '`legacy` is for viewers of Arkime that do not know the other (AES-192-CBC with a key from MD5).',
    }),
    short_head: Type.Boolean({
      default: false,
      description: 'Stored packets have heads of 6 bytes in place of 16, as Arkime has them; other programs cannot read that.',
    }),
    local_index: Type.Boolean({
      default: false,
      description: 'Positions of sessions go into index files beside the capture files; documents have one place a file.',
    }),
    write_bytes: Type.Integer({
      default: 262144,
      minimum: 4096,
      maximum: 16777216,
      multipleOf: 4096,
      description: 'Bytes of one write; a multiple of 4096.',
    }),
    direct_io: Type.Boolean({
      default: false,
      description:
        "Write past the system's page cache (O_DIRECT), where the file system can: capture files then push nothing out of it.",
    }),
    session_packets: Type.Integer({
      default: 0,
      minimum: 0,
      maximum: most,
      description: 'Packets stored of a session; then it is tagged `truncated-pcap`. 0: all.',
    }),
    session_bytes: Type.Integer({ default: 0, minimum: 0, maximum: most, description: 'Likewise bytes of packets.' }),
    delete_oldest: Type.Boolean({
      default: false,
      description: 'Delete the oldest stored files when a folder has less room than the next two keys say.',
    }),
    free_percent: Type.Number({ default: 5, minimum: 0, maximum: 99, description: 'Room that is to stay free, in percent.' }),
    free_bytes: Type.Integer({ default: 0, minimum: 0, maximum: most, description: 'Room that is to stay free, in bytes.' }),
    keep_newest: Type.Integer({
      default: 10,
      minimum: 0,
      maximum: 1000000,
      description: 'The newest files are never deleted to make room.',
    }),
    reserved_numbers: Type.Integer({
      default: 32,
      minimum: 1,
      maximum: 1000,
      description:
        'Numbers of files that are fetched ahead where a cluster counts them (output elasticsearch in mode arkime), so that files can begin while it is away.',
    }),
    mode: Type.String({ default: '0640', pattern: '^0?[0-7]{3}$', description: 'Permissions of new files, octal.' }),
  },
  { additionalProperties: false },
);

export type PcapConfig = Readonly<Static<typeof pcapSchema>>;

/** Arkime's size of a file. */
const storedBytes = 12 * 2 ** 30;
const shortSecs = 3600;

/** Folders of stored files, absolute. */
export function folders(config: PcapConfig, directory: string): string[] {
  return config.directories.map((path) => resolve(directory, path));
}

/** Whether packets are stored, so that documents can point to them. */
export function stores(config: PcapConfig): boolean {
  return config.path === '';
}

/** Keys that mean something only when packets are stored, and only when they go to one file, by how one sees that they are set. */
const storedOnly: readonly [keyof PcapConfig, unknown][] = [
  ['compression', 'none'],
  ['encryption', 'none'],
  ['short_head', false],
  ['local_index', false],
  ['session_packets', 0],
  ['session_bytes', 0],
  ['delete_oldest', false],
  ['directory_template', ''],
];
const singleOnly: readonly [keyof PcapConfig, unknown][] = [
  ['nanoseconds', false],
  ['comment', ''],
  ['keep_files', 0],
];

/** The rules between keys: options that contradict each other, and keys of encryption that are not there. */
export function checkOptions(config: PcapConfig): readonly ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const isSet = ([key, unset]: readonly [keyof PcapConfig, unknown]): boolean => config[key] !== unset;
  if (!stores(config)) {
    for (const [key] of storedOnly.filter(isSet)) problems.push([key, 'is for stored files, and those have no `path`']);
    const { path, file_format, comment, rotate_bytes, rotate_secs, keep_files } = config;
    if (file_format === 'pcap' && comment !== '') problems.push(['comment', 'a comment needs file_format "pcapng"']);
    if (path === '-' && (rotate_bytes > 0 || rotate_secs > 0 || keep_files > 0))
      problems.push(['path', 'standard output cannot be rotated']);
    return problems;
  }
  if (config.file_format !== 'pcap') problems.push(['file_format', '"pcapng" needs a path; stored files are pcap']);
  for (const [key] of singleOnly.filter(isSet)) problems.push([key, 'needs a path; stored files have none of that']);
  if (config.compression === 'gzip' && config.compression_level > 9)
    problems.push(['compression_level', 'compression_level of gzip is 9 at most']);
  if (config.encryption === 'none') return problems;
  if (config.encryption === 'aes-256-ctr' && config.rotate_bytes > mostEncryptedBytes)
    problems.push(['rotate_bytes', `rotate_bytes is ${mostEncryptedBytes} at most with aes-256-ctr`]);
  const lack = keyProblem(config);
  if (lack !== undefined) problems.push([config.key_file === '' ? 'key_file' : 'key_id', lack]);
  return problems;
}

function keyProblem(config: PcapConfig): string | undefined {
  if (config.key_file === '' || config.key_id === '') return 'encryption needs key_file and key_id';
  // The sensor's name is known when it starts.
  if (config.key_id.includes('{node}')) return undefined;
  try {
    wrappingKey(config, '');
    return undefined;
  } catch (error) {
    if (error instanceof SensorError) return error.message;
    throw error;
  }
}

/** The key that wraps those of files begun now, and its id. Throws `RT_CONFIG` when it is not in `key_file`. */
export function wrappingKey({ key_file, key_id }: PcapConfig, node: string): { readonly id: string; readonly text: string } {
  const id = timeText(key_id, Date.now() * 1000).replaceAll('{node}', node);
  const text = readKeys(key_file).get(id);
  if (text === undefined)
    throw new SensorError(errorCodes.config, `${key_file} has no key ${JSON.stringify(id)}`, {
      hint: 'key_id of the [[output]] names a line of key_file',
    });
  return { id, text };
}

/** How files are opened and written. */
export function fileOptions(config: PcapConfig, { count }: Pick<OutputContext, 'count'>): FileOptions {
  return {
    mode: Number.parseInt(config.mode, 8),
    bufferBytes: config.write_bytes,
    direct: config.direct_io,
    waits: (by) => count('waiting_writes', by),
  };
}

/** How packet workers lay packets out. */
export function formOf(config: PcapConfig, run: PacketRun): PacketForm {
  if (!stores(config)) return { kind: 'stream' };
  const { block_bytes, compression, rotate_bytes, rotate_secs, short_head } = config;
  return {
    kind: 'files',
    node: run.node,
    gapPositions: run.gapPositions,
    compression,
    // One less than a power of two at most, so that the offset of the last packet has its bits.
    blockBytes: Number.isInteger(Math.log2(block_bytes)) ? block_bytes - 1 : block_bytes,
    uncompressedBits: Math.ceil(Math.log2(block_bytes)),
    shortHead: short_head,
    localIndex: config.local_index,
    indexFolder: folders(config, run.directory)[0] as string,
    rotateBytes: rotate_bytes === 0 ? storedBytes : rotate_bytes,
    rotateSecs: short_head ? Math.min(shortSecs, rotate_secs === 0 ? shortSecs : rotate_secs) : rotate_secs,
    nameTemplate: config.name_template,
    folderTemplate: config.directory_template,
    sessionPackets: config.session_packets,
    sessionBytes: config.session_bytes,
    live: run.live,
  };
}
