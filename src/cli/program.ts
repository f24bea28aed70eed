// The command line: options and commands, and how errors end the process. Every command lies in a file of its own.

import { Command, CommanderError, Option } from 'commander';
import { errorCodes, exitCodeOf, SensorError } from '../errors.ts';
import { checkCommand } from './check.ts';
import { configCommand } from './config.ts';
import { decodersCommand } from './decoders.ts';
import { fieldsCommand } from './fields.ts';
import { interfacesCommand } from './interfaces.ts';
import type { RunOptions } from './options.ts';
import { pluginsCommand } from './plugins.ts';
import { runCommand } from './run.ts';
import { versionCommand } from './version.ts';

const collect = (value: string, previous: string[]): string[] => [...previous, value];

const examples = `
Examples:
  ringtap -r capture.pcap                        sessions and transactions of a capture as NDJSON
  ringtap -r day1.pcap -r day2.pcap.zst -l out   several files in time order, records to out/ringtap.ndjson
  tcpdump -w - | ringtap -r -                    from a pipe
  ringtap -i eth0 tcp port 443                   live, with a capture filter
  ringtap -c /etc/ringtap/config.toml            as the config says

Exit codes: 0 fine, 1 run error, 2 usage or config, 3 permission.`;

/** Options of a run; `check` takes the same, so that it judges what would run. */
function withRunOptions(command: Command): Command {
  return command
    .argument('[filter...]', 'BPF expression, as of tcpdump')
    .option('-r, --read <file>', 'capture file, folder, or - for standard input; repeatable', collect, [])
    .option('-i, --interface <name>', 'capture from a network interface; repeatable', collect, [])
    .option('-c, --config <file>', 'config.toml')
    .option('--set <key=value>', 'set a config key, as in workers.packet=2; repeatable', collect, [])
    .option('-f, --filter <expression>', 'BPF expression')
    .option('-F, --filter-file <file>', 'file with a BPF expression')
    .option('-l, --log-dir <dir>', 'folder for what outputs write; without [[output]] tables records go to ringtap.ndjson in it')
    .addOption(new Option('-k, --checksums <mode>', 'check IP, TCP and UDP checksums').choices(['none', 'auto', 'all']))
    .option('-n, --workers <count>', 'packet workers')
    .option('--ordered', 'records in the same order whatever the number of workers')
    .option('--fail-on-drop', 'exit with 1 when anything was lost')
    .option('-q, --quiet', 'no progress, no summary, only warnings')
    .option('-v, --verbose', 'log details');
}

type Action = (filter: string[], options: RunOptions) => Promise<number>;

function buildProgram(finish: (exitCode: Promise<number>) => Promise<void>): Command {
  const program = withRunOptions(new Command('ringtap'))
    .description('Network sensor: sessions and transactions out of live traffic and capture files.')
    .addHelpText('after', examples)
    .option('-D, --list-interfaces', 'the same as the command interfaces')
    .option('-T, --test-config', 'the same as the command check')
    .option('-V, --version', 'the same as the command version')
    .enablePositionalOptions()
    .exitOverride();
  const act =
    (action: Action) =>
    async (filter: string[], options: RunOptions): Promise<void> =>
      finish(action(filter, options));
  program.action(
    act(async (filter, options) => {
      const { listInterfaces, testConfig, version } = options as RunOptions &
        Record<'listInterfaces' | 'testConfig' | 'version', unknown>;
      if (version === true) return await versionCommand({});
      if (listInterfaces === true) return await interfacesCommand({});
      if (testConfig === true) return await checkCommand(filter, options);
      return await runCommand(filter, options, () => program.outputHelp({ error: true }));
    }),
  );
  withRunOptions(program.command('check').description('check a config and print what it comes to')).action(act(checkCommand));
  const listing = (name: string, description: string, command: (options: { json?: boolean }) => Promise<number>): void => {
    program
      .command(name)
      .description(description)
      .option('--json', 'as JSON')
      .action(async (options: { json?: boolean }) => finish(command(options)));
  };
  listing('interfaces', 'list network interfaces', interfacesCommand);
  listing('decoders', 'list protocol decoders', decodersCommand);
  listing('plugins', 'list plugins and their options', pluginsCommand);
  listing('fields', 'list the fields of all records', fieldsCommand);
  listing('version', 'print versions', versionCommand);
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

function printError(error: unknown): number {
  if (error instanceof SensorError) {
    if (error.code === errorCodes.outputClosed) return 0;
    process.stderr.write(`ringtap: ${error.message}\n`);
    if (error.hint !== undefined) process.stderr.write(`  hint: ${error.hint}\n`);
  } else {
    process.stderr.write(`ringtap: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  }
  return exitCodeOf(error);
}
