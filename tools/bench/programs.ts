// The programs that `bench:peers` runs over a trace: Ringtap in two settings and other sensors, each with its command, what it
// does, and how its records are called. Programs that are not installed are left out by the tool.

import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './end-of-run.ts';
import { findProgram, sensorVersion, versionOf } from './machine.ts';
import { countLines, countRecords, type RecordCounts } from './record-counts.ts';
import { sensorCommand } from './sensor-command.ts';
import { splitTrace } from './split-trace.ts';
import { eveTypes, writeSuricataConfig } from './suricata-config.ts';

export interface Program {
  readonly name: string;
  /** What it does with the packets and what it writes, for the page. */
  readonly work: string;
  /** The run of Ringtap that its cost is set against: one that does the same work, or the nearest to it. */
  readonly against: 'ringtap' | 'ringtap-flow';
  /** Whether that run does the same work. */
  readonly sameWork: boolean;
  /** Another that it is set against below the table. */
  readonly alsoAgainst?: string;
  /** Executable; undefined when it is not installed. */
  readonly path: string | undefined;
  readonly package: string;
  readonly version: () => string;
  /** Command line; `folder` is empty and its own. */
  command(trace: string, folder: string): readonly string[];
  /** File in the folder for its standard output. */
  readonly stdout?: string;
  /** Records in the folder after a run, by type. */
  counts(folder: string): RecordCounts;
  /** Its record types by the kinds of a truth file. */
  readonly kinds: Readonly<Record<string, string>>;
  /** It reads only so many packets of a trace. */
  readonly packetLimit?: number;
  /** Runs only when it is named. */
  readonly onlyWhenNamed?: true;
}

/** What Suricata's output below has records of. */
const sameDecoders = ['--decoders', 'http,dns,tls'];
const noDecoders = ['--decoders', 'none'];

function ringtap(
  name: string,
  work: string,
  against: Program['against'],
  more: readonly string[],
  kinds: Program['kinds'],
): Program {
  return {
    name,
    work,
    against,
    sameWork: true,
    path: process.execPath,
    package: '',
    version: sensorVersion,
    command: (trace, folder) => sensorCommand('-r', trace, '-n', '1', '-k', 'none', '-l', folder, '-q', ...more),
    counts: (folder) => countRecords(join(folder, 'ringtap.ndjson')),
    kinds,
  };
}

function suricata(name: keyof typeof eveTypes, work: string, against: Program['against'], kinds: Program['kinds']): Program {
  const path = findProgram('suricata');
  return {
    name: `suri-${name}`,
    work,
    against,
    sameWork: true,
    ...(name === 'basic' ? { alsoAgainst: 'ringtap-same' } : {}),
    path,
    package: 'suricata',
    version: () => versionOf('suricata', ['-V']),
    command: (trace, folder) => [
      path ?? '',
      '-c',
      writeSuricataConfig({ types: eveTypes[name] }, folder),
      ...['-r', trace, '-l', folder, '-k', 'none', '--runmode', 'single', '-S', '/dev/null'],
    ],
    counts: (folder) => countRecords(join(folder, 'eve.json')),
    kinds,
  };
}

const parts = 2;
const splits = new Map<string, string[]>();

/** The trace in parts, made once; not a part of what is measured. */
function splitOnce(trace: string): string[] {
  const known = splits.get(trace);
  if (known !== undefined) return known;
  const folder = temporaryFolder();
  const files = Array.from({ length: parts }, (_, part) => join(folder, `part-${part}.pcap`));
  splitTrace(trace, files);
  splits.set(trace, files);
  return files;
}

/** As many processes as parts, at the same time: the most that Suricata makes of several CPUs on a file. */
function suricataInParts(): Program {
  const single = suricata('basic', '', 'ringtap', { flow: 'flow', http: 'http', dns_messages: 'dns', tls: 'tls' });
  const folderOf = (folder: string, part: number): string => join(folder, `part-${part}`);
  return {
    ...single,
    name: `suri-basic-x${parts}`,
    work: `the same in ${parts} processes at once, on the file split into ${parts} beforehand; peak of the larger one`,
    onlyWhenNamed: true,
    command: (trace, folder) => {
      const commands = splitOnce(trace).map((file, part) => {
        mkdirSync(folderOf(folder, part));
        return single
          .command(file, folderOf(folder, part))
          .map((word) => `'${word}'`)
          .join(' ');
      });
      const waits = commands.map((_, part) => `wait $p${part}`).join(' && ');
      return ['sh', '-c', `${commands.map((command, part) => `${command} & p${part}=$!`).join('; ')}; ${waits}`];
    },
    counts: (folder) => {
      const sum: Record<string, number> = {};
      for (let part = 0; part < parts; part++) {
        for (const [type, count] of Object.entries(single.counts(folderOf(folder, part)))) sum[type] = (sum[type] ?? 0) + count;
      }
      return sum;
    },
  };
}

/** Bytes of all files that a program left, for formats that are not counted here. */
function bytesIn(folder: string): RecordCounts {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const own = files.filter(({ name }) => name !== 'stderr.txt' && name !== 'time.txt');
  return { bytes: own.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0) };
}

function rowsOf(file: string): (folder: string) => RecordCounts {
  return (folder) => ({ rows: existsSync(join(folder, file)) ? countLines(join(folder, file)) : 0 });
}

const tsharkFields = [
  ...['frame.time_epoch', 'ip.src', 'ip.dst', 'tcp.srcport', 'tcp.dstport', 'udp.srcport', 'udp.dstport', '_ws.col.Protocol'],
  ...['http.request.method', 'http.host', 'http.request.uri', 'http.response.code', 'http.user_agent'],
  ...['dns.qry.name', 'dns.qry.type', 'dns.flags.rcode', 'dns.a', 'tls.handshake.extensions_server_name', 'tls.handshake.ja3'],
].flatMap((field) => ['-e', field]);
const tsharkPackets = 300_000;

interface Peer extends Pick<Program, 'name' | 'work' | 'against' | 'package' | 'command' | 'counts' | 'stdout' | 'packetLimit'> {
  readonly program: string;
  readonly versionArgs: readonly string[];
}

/** A sensor that does other work than Ringtap: its figure places both, and decides nothing. */
function peer({ program, versionArgs, ...rest }: Peer): Program {
  return { ...rest, sameWork: false, path: findProgram(program), version: () => versionOf(program, versionArgs), kinds: {} };
}

/** What records of Suricata have only where it is asked for them (`community-id`, `ethernet`). */
const extras = ['network.community_id', 'source.mac', 'destination.mac'];

export const programs: readonly Program[] = [
  ringtap(
    'ringtap',
    'sessions, http, dns and tls records as ECS JSON; decoders http, dns, tls; 1 packet worker',
    'ringtap',
    sameDecoders,
    {
      flow: 'session',
      http: 'http',
      dns: 'dns',
      tls: 'tls',
    },
  ),
  suricata('basic', 'eve flow, http (extended), dns, tls (extended) JSON; runmode single, no rules', 'ringtap', {
    flow: 'flow',
    http: 'http',
    dns_messages: 'dns',
    tls: 'tls',
  }),
  suricataInParts(),
  ringtap(
    'ringtap-same',
    'the same as Suricata here and no more: payload of connections whose start is in the trace (session.tcp_midstream=false), no community id and MACs in records, which Suricata has as options that are off, and no notes of decoders in those of sessions (session.decoder_notes=false)',
    'ringtap',
    [
      ...sameDecoders,
      ...['--set', 'session.tcp_midstream=false', '--set', 'session.decoder_notes=false', '--set'],
      `records.without=${JSON.stringify(extras)}`,
    ],
    { flow: 'session', http: 'http', dns: 'dns', tls: 'tls' },
  ),
  ringtap('ringtap-all', 'the same with all decoders, as they come; 1 packet worker', 'ringtap', [], {
    flow: 'session',
    http: 'http',
    dns: 'dns',
    tls: 'tls',
  }),
  ringtap(
    'ringtap-arkime',
    "sessions as Arkime's documents, all decoders; 1 packet worker",
    'ringtap',
    ['--set', 'output.0.kind=file', '--set', 'output.0.format=arkime'],
    {},
  ),
  ringtap('ringtap-flow', 'session records only, decoders off; 1 packet worker', 'ringtap-flow', noDecoders, { flow: 'session' }),
  suricata('flow', 'eve flow JSON only (its parsers run all the same); runmode single, no rules', 'ringtap-flow', {
    flow: 'flow',
  }),
  peer({
    name: 'ndpi',
    work: 'flow table, protocol of every flow, a CSV row per flow',
    against: 'ringtap',
    program: 'ndpiReader',
    package: 'libndpi-bin',
    versionArgs: ['-h'],
    command: (trace, folder) => ['ndpiReader', '-i', trace, '-q', '-C', join(folder, 'flows.csv')],
    counts: rowsOf('flows.csv'),
  }),
  peer({
    name: 'argus',
    work: 'bidirectional flow records, binary',
    against: 'ringtap-flow',
    program: 'argus',
    package: 'argus-server',
    versionArgs: ['-V'],
    command: (trace, folder) => ['argus', '-F', '/dev/null', '-J', '-R', '-r', trace, '-w', join(folder, 'flows.argus')],
    counts: bytesIn,
  }),
  peer({
    name: 'nfpcapd',
    work: 'flow table, nfdump files',
    against: 'ringtap-flow',
    program: 'nfpcapd',
    package: 'nfdump',
    versionArgs: ['-V'],
    command: (trace, folder) => ['nfpcapd', '-r', trace, '-w', folder, '-e', '300,60'],
    counts: bytesIn,
  }),
  peer({
    name: 'tshark',
    work: `full dissection, 19 fields of HTTP, DNS and TLS handshake packets as text; first ${tsharkPackets} packets`,
    against: 'ringtap',
    program: 'tshark',
    package: 'tshark',
    versionArgs: ['--version'],
    command: (trace) => [
      'tshark',
      ...['-n', '-r', trace, '-c', String(tsharkPackets), '-Y', 'http or dns or tls.handshake', '-T', 'fields', ...tsharkFields],
    ],
    stdout: 'rows.txt',
    counts: rowsOf('rows.txt'),
    packetLimit: tsharkPackets,
  }),
  peer({
    name: 'tcpdump',
    work: 'reads and copies packets, looks at nothing: the floor of reading',
    against: 'ringtap-flow',
    program: 'tcpdump',
    package: 'tcpdump',
    versionArgs: ['--version'],
    command: (trace) => ['tcpdump', '-r', trace, '-w', '/dev/null'],
    counts: () => ({}),
  }),
];

/** Another build or setting of Ringtap: `NAME=COMMAND`, with {trace} and {folder} in it. Throws when it is neither. */
export function otherSensor(text: string): Program {
  const [, name, command] = /^([\w-]+)=(.+)$/.exec(text) ?? [];
  if (name === undefined || command === undefined)
    throw new Error(`--also ${text}: expected NAME=COMMAND with {trace} and {folder}`);
  const words = command.trim().split(/\s+/);
  return {
    ...(programs[0] as Program),
    name,
    work: 'the command given with --also',
    path: words[0] as string,
    version: () => 'given',
    command: (trace, folder) => words.map((word) => word.replaceAll('{trace}', trace).replaceAll('{folder}', folder)),
  };
}
