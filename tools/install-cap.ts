// Builds the npm package cap, by which sources of kind `cap` use libpcap, for the runtime that runs the sensor:
// `npm run install-cap`. The set-up brings the package without building it, for few need it: it wants Python, a C++ compiler and
// libpcap.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { root, runSteps } from './step.ts';

const folder = join(root, 'node_modules', 'cap');

/** The folder above `include/node`, from where node-gyp takes Node's headers; undefined: it fetches them from nodejs.org. */
function headersFolder(): string | undefined {
  const prefix = dirname(dirname(process.execPath));
  return existsSync(join(prefix, 'include', 'node', 'node.h')) ? prefix : undefined;
}

/**
 * Flags for a machine that has libpcap but not its headers: the package brings some for Windows, and what it uses of them is the
 * same everywhere. The linker wants the library's name without a version, which `scratch` then has.
 */
function librariesFrom(scratch: string): Record<string, string> {
  if (['/usr/include', '/usr/local/include', '/opt/homebrew/include'].some((path) => existsSync(join(path, 'pcap/pcap.h'))))
    return {};
  const { stdout } = spawnSync('ldconfig', ['-p'], { encoding: 'utf8' });
  const library = /\blibpcap\.so\S* .*=> (\S+)$/m.exec(stdout ?? '')?.[1];
  if (library === undefined) return {};
  symlinkSync(library, join(scratch, 'libpcap.so'));
  return { CXXFLAGS: `-I${join(folder, 'deps/winpcap/Include')}`, LDFLAGS: `-L${scratch}` };
}

function build(): void {
  if (!existsSync(join(folder, 'binding.gyp'))) {
    process.stderr.write(
      `ringtap: the npm package cap is not in ${folder}\n  npm install --no-save brings it where the registry has it\n`,
    );
    process.exitCode = 1;
    return;
  }
  const scratch = mkdtempSync(join(tmpdir(), 'ringtap-cap-'));
  const headers = headersFolder();
  const npm = process.env.npm_execpath?.endsWith('.js') ? [process.execPath, process.env.npm_execpath] : ['npm'];
  const env = {
    // What npm starts as `node` is the runtime too.
    PATH: `${dirname(process.execPath)}:${process.env.PATH ?? ''}`,
    ...(headers === undefined ? {} : { npm_config_nodedir: headers }),
    ...librariesFrom(scratch),
  };
  try {
    const rebuild = ['rebuild', 'cap', '--ignore-scripts=false', '--foreground-scripts', '--no-audit', '--no-fund'];
    runSteps([
      { title: 'building cap (needs Python, make, a C++ compiler and libpcap)', command: [...npm, ...rebuild], env },
      { title: 'loading it', command: [process.execPath, '-e', "require('cap')"] },
    ]);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

build();
