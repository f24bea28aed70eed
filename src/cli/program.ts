// The command line: options and commands, and how errors end the process. Every command lies in a file of its own.

import { Command, CommanderError, Option } from 'commander';
import { suggestion } from '../config/index.ts';
import { errorCodes, exitCodeOf, SensorError } from '../errors.ts';
import { type CheckOptions, checkCommand } from './check.ts';
import { configCommand } from './config.ts';
import { decodersCommand } from './decoders.ts';
import { fieldsCommand } from './fields.ts';
import { interfacesCommand } from './interfaces.ts';
import type { RunOptions } from './options.ts';
import { type PacketsOptions, packetsCommand } from './packets.ts';
import { pluginsCommand } from './plugins.ts';
import { print } from './print.ts';
import { runCommand } from './run.ts';
import { type SetupOptions, setupCommand } from './setup.ts';
import { namedBySource } from './source-names.ts';
import { versionCommand } from './version.ts';

const collect = (value: string, previous: string[] = []): string[] => [...previous, value];

const examples = `
Examples:
  ringtap -r capture.pcap                        sessions and transactions of a capture as NDJSON
  ringtap -r day1.pcap -r day2.pcap.zst -l out   several files in time order, records to out/ringtap.ndjson
  tcpdump -w - | ringtap -r -                    from a pipe
  ringtap -r all.pcap -w web.pcap tcp port 80    filtered packets to another file, beside the records
  ringtap -R /spool --monitor --delete -l out    files as they come into a folder, each deleted once it is done
  ringtap -i eth0 tcp port 443                   live, with a capture filter
  ringtap -c /etc/ringtap/config.toml            as the config says
  ringtap check -c config.toml                   is it right, and what does it come to

Signals: SIGINT and SIGTERM drain and end, a second one quits; SIGHUP reads the config again and
reopens files; SIGUSR1 prints the counters so far.
Exit codes: 0 fine, 1 run error, 2 usage or config, 3 permission.`;

/** Options of a run; `check` takes the same, so that it judges what would run. */
function withRunOptions(command: Command): Command {
  return command
    .argument('[filter...]', 'BPF expression, as of tcpdump')
    .option('-r, --read <file>', 'capture file, folder, or - for standard input; repeatable', collect)
    .option('-R, --read-directory <dir>', 'all capture files in a folder; repeatable', collect)
    .option('--recursive', 'with -r and -R: the folders below, too')
    .option('--monitor', 'with -R: go on running and read new files when they are complete')
    .option('--skip', 'with -R: leave out files that an earlier run has read')
    .option('--delete', 'with -R: delete each file when everything that came of it is written')
    .option('-i, --interface <name>', 'capture from a network interface; repeatable', collect)
    .option('-c, --config <file>', 'config.toml')
    .option('--set <key=value>', 'set a config key, as in workers.packet=2; repeatable', collect)
    .option('-f, --filter <expression>', 'BPF expression')
    .option('-F, --filter-file <file>', 'file with a BPF expression')
    .option(
      '-l, --log-dir <dir>',
      'folder for what outputs write and for the log; without [[output]] tables records go to ringtap.ndjson in it',
    )
    .option('-w, --write <file>', 'also write the packets to a capture file (.pcapng: in that format), or - for standard output')
    .option('-C, --rotate-megabytes <count>', 'begin another file of -w after so many millions of bytes')
    .option('-G, --rotate-secs <count>', 'or after so many seconds; %Y %m %d %H %M %S in its name are the time')
    .option('-W, --keep-files <count>', 'keep only the newest files of -w')
    .addOption(new Option('-k, --checksums <mode>', 'check IP, TCP and UDP checksums').choices(['none', 'auto', 'all']))
    .option('-n, --workers <count>', 'packet workers')
    .option('--ordered', 'records in the same order whatever the number of workers')
    .option('-t, --tag <tag>', 'a tag for every session; repeatable', collect)
    .option('--node <name>', "name of this sensor in Arkime's documents")
    .option('--decoders <names>', 'run only these decoders, with commas between them; `none` for none')
    .option('--dry-run', 'read and decode, write nothing, print the summary')
    .option('--fail-on-drop', 'exit with 1 when anything was lost')
    .addOption(new Option('-q, --quiet', 'no progress, no summary, only warnings').conflicts('verbose'))
    .option('-v, --verbose', 'log details');
}

/** Options of the bare command that stand for a command of their own. */
interface Shorthands {
  readonly listInterfaces?: true;
  readonly testConfig?: true;
  readonly version?: true;
}

async function bareCommand(program: Command, filter: string[], options: RunOptions & Shorthands): Promise<number> {
  if (options.version) return await versionCommand({});
  if (options.listInterfaces) return await interfacesCommand({});
  if (options.testConfig) return await checkCommand(filter, options);
  const sourceless = [options.read, options.readDirectory, options.interface, options.config, options.set].every(
    (option) => option === undefined,
  );
  if (sourceless && filter.length === 0 && Object.keys(options).length === 0) {
    program.outputHelp({ error: true });
    return 2;
  }
  if (sourceless && filter.length > 0) {
    // Words without anything to filter are a command that was mistyped.
    const word = filter[0] as string;
    const commands = program.commands.map((command) => command.name());
    throw new SensorError(errorCodes.usage, `there is no command ${word}; ${suggestion(word, commands)}`, {
      hint: 'words at the end are a filter for what -r or -i gives; ringtap --help lists everything',
    });
  }
  return await runCommand(filter, options);
}

function buildProgram(finish: (exitCode: Promise<number>) => Promise<void>): Command {
  const program = withRunOptions(new Command('ringtap'))
    .description('Network sensor: sessions and transactions out of live traffic and capture files.')
    .addHelpText('after', examples)
    .option('-D, --list-interfaces', 'the same as the command interfaces')
    .option('-T, --test-config', 'the same as the command check')
    .option('-V, --version', 'the same as the command version')
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: print,
      outputError: (text, write) => write(`${text.replace(/^error: /, 'ringtap: ')}  hint: ringtap --help lists everything\n`),
    });
  program.action(async (filter: string[], options: RunOptions & Shorthands) => finish(bareCommand(program, filter, options)));
  withRunOptions(program.command('check').description('check a config, and print in full what it comes to'))
    .option('--json', 'as JSON')
    .action(async (filter: string[], options: CheckOptions) => finish(checkCommand(filter, options)));
  const listing = (name: string, description: string, command: (options: { json?: boolean }) => Promise<number>): void => {
    program
      .command(name)
      .description(description)
      .option('--json', 'as JSON')
      .action(async (options: { json?: boolean }) => finish(command(options)));
  };
  program
    .command('packets')
    .description('write the stored packets of a session to a capture file')
    .argument('<session>', 'id of the session: session.id, _id or rootId of its record, or its community id')
    .option('-d, --documents <file>', 'records of sessions, NDJSON; - for standard input; repeatable', collect)
    .option('-p, --pcap-dir <folder>', 'folder of the stored files; repeatable', collect)
    .option('-c, --config <file>', 'config.toml of the sensor, which names these folders and the keys')
    .option('-l, --log-dir <dir>', 'folder for relative paths in it')
    .option('-w, --write <file>', 'capture file to write (.pcapng: in that format); default: standard output')
    .action(async (session: string, options: PacketsOptions) => finish(packetsCommand(session, options)));
  listing('interfaces', 'list network interfaces', interfacesCommand);
  listing('decoders', 'list protocol decoders', decodersCommand);
  listing('plugins', 'list plugins and their options', pluginsCommand);
  listing('fields', 'list the fields of all records', fieldsCommand);
  listing('version', 'print versions', versionCommand);
  program
    .command('setup')
    .description('prepare the place where an output writes, as its plugin knows it')
    .argument('<kind>', 'kind of the output, as in elasticsearch')
    .option('-c, --config <file>', 'config.toml with that [[output]]')
    .option('--set <key=value>', 'set a config key; repeatable', collect)
    .option('-l, --log-dir <dir>', 'folder for relative paths')
    .option('--print', 'change nothing, print what would be done')
    .action(async (kind: string, options: SetupOptions) => finish(setupCommand(kind, options)));
  program
    .command('config')
    .description('print the commented reference of config.toml')
    .option('--schema', 'its JSON Schema instead')
    .action(async (options: { schema?: boolean }) => finish(configCommand(options)));
  return program;
}

/** Runs the command line; returns the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  let exitCode = 0;
  const program = buildProgram(async (code) => {
    exitCode = await code;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    // Commander has printed its message already; help and version end with code 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    return printError(error);
  }
}

/** One line a problem, then what can be done. */
function printError(error: unknown): number {
  if (error instanceof SensorError) {
    if (error.code === errorCodes.outputClosed) return 0;
    for (const line of error.message.split('\n')) process.stderr.write(`ringtap: ${line}\n`);
    if (error.hint !== undefined) process.stderr.write(`  hint: ${error.hint}\n`);
  } else {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(`ringtap: ${namedBySource(text)}\n`);
    process.stderr.write('  hint: this is a fault of Ringtap itself; please report it\n');
  }
  return exitCodeOf(error);
}
