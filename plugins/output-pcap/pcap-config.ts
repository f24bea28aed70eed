// The keys of `[[output]]` with `kind = "pcap"`, and what packet workers have to know of them. On the main thread to be checked, on
// the output thread to be used.

import { resolve } from 'node:path';
import { type Static, Type } from 'typebox';
import { errorCodes, SensorError } from '../../src/errors.ts';
import { mostEncryptedBytes } from '../../src/pcap/index.ts';
import type { PacketForm, PacketRun } from '../../src/plugin/index.ts';

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
    encryption: Type.Union([Type.Literal('none'), Type.Literal('aes-256-ctr')], {
      default: 'none',
      description: 'Of stored files, each with a key of its own that is wrapped by one of `key_file`.',
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

/** How packet workers lay packets out. Throws `RT_CONFIG` where options contradict each other. */
export function formOf(config: PcapConfig, run: PacketRun): PacketForm {
  if (config.path !== '') return { kind: 'stream' };
  const { encryption, key_file, key_id, block_bytes, compression, compression_level, rotate_bytes, rotate_secs, short_head } =
    config;
  const wrong = (message: string): never => {
    throw new SensorError(errorCodes.config, `output pcap: ${message}`);
  };
  if (config.file_format !== 'pcap') wrong('file_format "pcapng" needs a path; stored files are pcap');
  if (encryption !== 'none' && (key_file === '' || key_id === '')) wrong('encryption needs key_file and key_id');
  if (compression === 'gzip' && compression_level > 9) wrong('compression_level of gzip is 9 at most');
  const rotateBytes = rotate_bytes === 0 ? storedBytes : rotate_bytes;
  if (encryption !== 'none' && rotateBytes > mostEncryptedBytes)
    wrong(`rotate_bytes is ${mostEncryptedBytes} at most with encryption`);
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
    rotateBytes,
    rotateSecs: short_head ? Math.min(shortSecs, rotate_secs === 0 ? shortSecs : rotate_secs) : rotate_secs,
    nameTemplate: config.name_template,
    folderTemplate: config.directory_template,
    sessionPackets: config.session_packets,
    sessionBytes: config.session_bytes,
    live: run.live,
  };
}
