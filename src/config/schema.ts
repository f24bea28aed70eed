// The shape of config.toml: one schema a table, with description, unit, default and range. The loader checks against
// it, `ringtap config` prints the commented reference from it, and the rest of the sensor gets the frozen result.
// Decoder and plugin tables are added at load time from their own definitions.

import { type Static, type TObject, Type } from 'typebox';
import type { ConfiguredSignature } from '../decoders/index.ts';
import { indexRotations } from '../record/index.ts';
import { sessionConfig } from '../session/index.ts';
import { namesSchema } from './signatures.ts';

const cpus = Type.Array(Type.Integer({ minimum: 0, maximum: 4095 }), {
  default: [],
  description:
    'CPUs that the threads are pinned to, dealt in turn; empty: not pinned. Keep the threads of one interface on its NUMA node.',
});

const sourceCommon = {
  name: Type.String({ default: '', description: 'Name in logs and metrics; empty: the interface or the first path.' }),
  filter: Type.String({
    default: '',
    description: 'BPF expression, as tcpdump takes it; packets that do not match are left out.',
  }),
  checksums: Type.Union([Type.Literal('none'), Type.Literal('auto'), Type.Literal('all')], {
    default: 'auto',
    description:
      '`all`: packets with a wrong IP, TCP or UDP checksum are dropped and counted; `auto`: the first packets are checked for a hint only; `none`: not looked at.',
  }),
  max_clock_jump_secs: Type.Integer({
    default: 86400,
    minimum: 1,
    maximum: 4294967295,
    description:
      'A packet whose time is further ahead does not move the clock of its source, which ends idle sessions; the third in a row does.',
  }),
  cpus,
};

export const fileSourceSchema = Type.Object(
  {
    kind: Type.Literal('file', { default: 'file', description: 'Capture files or standard input.' }),
    ...sourceCommon,
    paths: Type.Array(Type.String({ minLength: 1 }), {
      minItems: 1,
      description:
        'Capture files (pcap, pcapng, plain or in gzip, zstd, lz4), folders, or `-` for standard input; read in time order.',
    }),
    recursive: Type.Boolean({ default: false, description: 'Read folders with the folders below them.' }),
  },
  { additionalProperties: false, description: 'Capture files.' },
);

export const afPacketSourceSchema = Type.Object(
  {
    kind: Type.Literal('af_packet', { default: 'af_packet', description: 'A network interface.' }),
    ...sourceCommon,
    interface: Type.String({ minLength: 1, description: 'Name of the interface; `ringtap interfaces` lists them.' }),
    workers: Type.Integer({
      default: 1,
      minimum: 1,
      maximum: 64,
      description: 'Capture workers; more than one share the interface by a fan-out over flows.',
    }),
    promiscuous: Type.Boolean({ default: true, description: 'See frames for other hosts too.' }),
    block_bytes: Type.Integer({
      default: 1048576,
      minimum: 65536,
      maximum: 67108864,
      description: "Bytes of a block of the kernel's memory ring; a power of two.",
    }),
    block_count: Type.Integer({ default: 64, minimum: 2, maximum: 4096, description: 'Blocks of the memory ring, a worker.' }),
    block_timeout_ms: Type.Integer({
      default: 50,
      minimum: 1,
      maximum: 10000,
      description: 'The kernel hands over a block that is not full after this time.',
    }),
    fanout_group: Type.Integer({
      default: 0,
      minimum: 0,
      maximum: 65535,
      description: 'Fan-out group id; 0: from the process id. Must differ between programs on one interface.',
    }),
  },
  { additionalProperties: false, description: 'A network interface by AF_PACKET (Linux).' },
);

export const folderSourceSchema = Type.Object(
  {
    kind: Type.Literal('folder', { default: 'folder', description: 'A folder of capture files.' }),
    ...sourceCommon,
    directory: Type.String({ minLength: 1, description: 'The folder. All files in it are taken for captures.' }),
    recursive: Type.Boolean({ default: false, description: 'Read the folders below it too.' }),
    monitor: Type.Boolean({ default: false, description: 'Go on running, and read new files when they are complete.' }),
    settle_secs: Type.Number({
      default: 5,
      minimum: 0,
      maximum: 86400,
      description: 'With `monitor`: a file is complete when it has not changed for so long.',
    }),
    skip: Type.Boolean({
      default: false,
      description: 'Leave out files that an earlier run has read, and remember those of this run in `state_file`.',
    }),
    delete: Type.Boolean({
      default: false,
      description:
        'Delete a file when everything that came of it is written: its last packet handled, the sessions that were open then ended or saved in part, the outputs flushed. Files that could not be read to their end stay.',
    }),
    state_file: Type.String({
      default: 'ringtap-done.ndjson',
      minLength: 1,
      description: 'What `skip` remembers; relative paths are in the log directory.',
    }),
  },
  { additionalProperties: false, description: 'A folder of capture files, read once or watched.' },
);

export const capSourceSchema = Type.Object(
  {
    kind: Type.Literal('cap', { default: 'cap', description: 'A network interface by libpcap.' }),
    ...sourceCommon,
    interface: Type.String({ minLength: 1, examples: ['en0'], description: 'Name of the interface, as libpcap has it.' }),
    snap_length: Type.Integer({
      default: 65535,
      minimum: 64,
      maximum: 65535,
      description: 'Bytes of a packet that are kept; libpcap gives at most 65535.',
    }),
    buffer_bytes: Type.Integer({
      default: 33554432,
      minimum: 65536,
      maximum: 1073741824,
      description: "libpcap's own buffer, and the packets that may wait for the sensor behind it.",
    }),
  },
  {
    additionalProperties: false,
    description: 'A network interface by libpcap, with the npm package cap; for systems without AF_PACKET.',
  },
);

export const workersSchema = Type.Object(
  {
    packet: Type.Integer({ default: 0, minimum: 0, maximum: 256, description: 'Packet workers; 0: one a CPU.' }),
    cpus,
    ring_bytes: Type.Integer({
      default: 8388608,
      minimum: 1048576,
      maximum: 1073741824,
      description: 'Bytes of the ring between a source and a packet worker; a power of two.',
    }),
    restart_limit: Type.Integer({
      default: 20,
      minimum: 0,
      maximum: 1000,
      description: 'Workers that die are replaced; after this many deaths within a minute the run ends with an error.',
    }),
    stop_timeout_secs: Type.Integer({
      default: 10,
      minimum: 1,
      maximum: 3600,
      description: 'SIGINT and SIGTERM drain what was received; after this time the rest is dropped and counted.',
    }),
  },
  { additionalProperties: false, description: 'Threads and the rings between them.' },
);

export const fragmentsSchema = Type.Object(
  {
    max_bytes: Type.Integer({
      default: 33554432,
      minimum: 65536,
      maximum: 4294967296,
      description: 'Bytes of fragments kept while their datagrams are incomplete; the oldest datagram gives way.',
    }),
    max_datagrams: Type.Integer({
      default: 16384,
      minimum: 16,
      maximum: 1048576,
      description: 'Datagrams kept incomplete at a time.',
    }),
    timeout_secs: Type.Integer({
      default: 30,
      minimum: 1,
      maximum: 3600,
      description: 'Seconds to wait for the rest of a datagram.',
    }),
  },
  {
    additionalProperties: false,
    description: 'Reassembly of IP fragments. Where fragments overlap, the bytes that came first stay.',
  },
);

/** Keys that every [[output]] has besides those of its plugin. */
export const outputCommonSchema = Type.Object(
  {
    kind: Type.String({ minLength: 1, description: 'Plugin: `file`, `stdout`, or the name of an npm package.' }),
    name: Type.String({ default: '', description: 'Name in logs and metrics; empty: the kind.' }),
    records: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      description: 'Record types to write (`ringtap fields` lists them); empty: all.',
    }),
    format: Type.Union([Type.Literal('ecs'), Type.Literal('arkime'), Type.Literal('arkime_bulk')], {
      default: 'ecs',
      description:
        "Encoding of the records: `ecs`, or sessions as Arkime's documents; `arkime_bulk`: with the line for Elasticsearch's bulk requests before each.",
    }),
    policy: Type.Union([Type.Literal('auto'), Type.Literal('block'), Type.Literal('drop'), Type.Literal('spill')], {
      default: 'auto',
      description:
        'When the output is too slow: `auto` is `block`, but `drop` for packets of interfaces, `block` holds the packet workers (live: packets are then dropped and counted at their rings), `drop` loses records and counts them, `spill` keeps them on disk and sends them later, in order, also after a restart.',
    }),
    ordered: Type.Boolean({
      default: false,
      description: 'Write records in one order, whatever the number of workers (costs memory and delay; meant for files).',
    }),
    ring_bytes: Type.Integer({
      default: 4194304,
      minimum: 262144,
      maximum: 1073741824,
      description: 'Bytes of the ring between a packet worker and this output; a power of two.',
    }),
    batch_bytes: Type.Integer({
      default: 1048576,
      minimum: 4096,
      maximum: 268435456,
      description: 'Most bytes handed over at a time.',
    }),
    flush_secs: Type.Number({
      default: 1,
      minimum: 0.05,
      maximum: 3600,
      description: 'The output is asked to flush this often.',
    }),
    retry_max_secs: Type.Number({
      default: 30,
      minimum: 0.1,
      maximum: 3600,
      description: 'A batch that fails is offered again after a pause that doubles from 0.1 s up to this.',
    }),
    spill_directory: Type.String({
      default: '',
      description: 'Folder of the disk queue; empty: `spill/<name>` in the log directory.',
    }),
    spill_max_bytes: Type.Integer({
      default: 1073741824,
      minimum: 1048576,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'Bytes of the disk queue; beyond, records are lost and counted.',
    }),
  },
  { additionalProperties: false, description: 'Where records go; one table an output.' },
);

/** Keys that every [decoder.<name>] has; `ports` are those of its definition. */
export function decoderCommonSchema(ports: readonly number[]): TObject {
  return Type.Object(
    {
      enabled: Type.Boolean({ default: true, description: 'Recognise and decode this protocol.' }),
      ports: Type.Array(Type.Integer({ minimum: 0, maximum: 65535 }), {
        default: [...ports],
        description: 'Ports that settle what the first bytes leave open. Content decides first, on any port.',
      }),
    },
    { additionalProperties: false },
  );
}

export const recordsSchema = Type.Object(
  {
    without: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      examples: [['network.community_id', 'source.mac', 'destination.mac']],
      description:
        'Fields that records of the format `ecs` are written without: names, or objects with all that is in them. `ringtap fields` lists them. What is left out costs no time either.',
    }),
  },
  { additionalProperties: false, description: 'What is in the records of all outputs.' },
);

export const arkimeSchema = Type.Object(
  {
    node: Type.String({ default: '', description: 'Name of this sensor in the documents; empty: the host name.' }),
    rotate_index: Type.Union(
      indexRotations.map((rotation) => Type.Literal(rotation)),
      { default: 'daily', description: 'How much time an index of sessions holds.' },
    ),
    packet_lengths: Type.Boolean({ default: false, description: 'Documents have the lengths of their packets (`packetLen`).' }),
    gap_positions: Type.Boolean({
      default: true,
      description: 'Positions of packets as differences (`gap0`), which take less room, instead of plain offsets.',
    }),
  },
  { additionalProperties: false, description: 'Documents as Arkime has them; for outputs with an `arkime` format.' },
);

export const rulesSchema = Type.Object(
  {
    files: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      description:
        'Rules files, in YAML as Arkime has them, or in TOML (`.toml`); relative to the working directory. SIGHUP reads them again.',
    }),
    values: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Array(Type.String(), { minItems: 1 })]), {
      default: {},
      description:
        'Values for rules files by the names that stand there in braces behind a `$`: a text, a number, or a list of texts.',
    }),
  },
  { additionalProperties: false, description: 'Rules that act on sessions (docs/rules.md).' },
);

export const adminSchema = Type.Object(
  {
    enabled: Type.Boolean({ default: false, description: 'Serve /healthz, /metrics and /stats over HTTP.' }),
    address: Type.String({
      default: '127.0.0.1',
      minLength: 1,
      description: 'Address to listen on; there is no authentication.',
    }),
    port: Type.Integer({ default: 9477, minimum: 0, maximum: 65535, description: 'Port to listen on; 0: any free one.' }),
    stats_secs: Type.Number({
      default: 60,
      minimum: 0,
      maximum: 86400,
      description:
        'Seconds between `stats` records while capturing live; 0: none. 2 where an output fills the indices of Arkime.',
    }),
  },
  { additionalProperties: false, description: "The sensor's own HTTP interface." },
);

export const logSchema = Type.Object(
  {
    level: Type.Union([Type.Literal('error'), Type.Literal('warn'), Type.Literal('info'), Type.Literal('debug')], {
      default: 'info',
      description: 'Least level that is logged.',
    }),
    format: Type.Union([Type.Literal('auto'), Type.Literal('text'), Type.Literal('json')], {
      default: 'auto',
      description: '`text` is for people, `json` for machines; `auto`: text on standard error, JSON in a file.',
    }),
    file: Type.String({
      default: '',
      description: 'Log file; relative paths are in the log directory (-l); empty: standard error.',
    }),
  },
  { additionalProperties: false, description: "The sensor's log." },
);

/** Tables of `[[source]]` by kind, in the order in which the reference prints them. */
export const sourceSchemas = {
  file: fileSourceSchema,
  folder: folderSourceSchema,
  af_packet: afPacketSourceSchema,
  cap: capSourceSchema,
} as const;

export type FileSourceConfig = Static<typeof fileSourceSchema>;
export type AfPacketSourceConfig = Static<typeof afPacketSourceSchema>;
export type FolderSourceConfig = Static<typeof folderSourceSchema>;
export type CapSourceConfig = Static<typeof capSourceSchema>;
export type SourceConfig = FileSourceConfig | AfPacketSourceConfig | FolderSourceConfig | CapSourceConfig;
export type OutputCommonConfig = Static<typeof outputCommonSchema>;

/** An output's table split into what the engine needs and what its plugin declared. */
export interface OutputConfig {
  readonly common: OutputCommonConfig;
  readonly own: Readonly<Record<string, unknown>>;
}

/** A decoder's table: whether it runs, its port hints, and its own options. */
export interface DecoderConfig {
  readonly enabled: boolean;
  readonly ports: readonly number[];
  readonly options: Readonly<Record<string, unknown>>;
}

/** The checked, complete and frozen configuration. */
export interface Config {
  readonly sources: readonly SourceConfig[];
  readonly workers: Static<typeof workersSchema>;
  readonly fragments: Static<typeof fragmentsSchema>;
  readonly session: Static<typeof sessionConfig>;
  readonly decoders: Readonly<Record<string, DecoderConfig>>;
  readonly outputs: readonly OutputConfig[];
  readonly names: Static<typeof namesSchema>;
  readonly signatures: readonly ConfiguredSignature[];
  readonly rules: Static<typeof rulesSchema>;
  readonly records: Static<typeof recordsSchema>;
  readonly arkime: Static<typeof arkimeSchema>;
  readonly admin: Static<typeof adminSchema>;
  readonly log: Static<typeof logSchema>;
}

/** Single tables of config.toml, in the order in which the reference prints them. */
export const tableSchemas: Readonly<
  Record<'workers' | 'fragments' | 'session' | 'names' | 'rules' | 'records' | 'arkime' | 'admin' | 'log', TObject>
> = {
  workers: workersSchema,
  fragments: fragmentsSchema,
  session: sessionConfig,
  names: namesSchema,
  rules: rulesSchema,
  records: recordsSchema,
  arkime: arkimeSchema,
  admin: adminSchema,
  log: logSchema,
};
