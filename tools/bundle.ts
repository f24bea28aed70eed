// Bundles the program for the launcher: `bundle.ts FOLDER` writes the command line, the entry points of the worker threads and
// the shipped plugins there, with source maps. Small packages become part of it; what only some runs need stays in
// node_modules and is loaded when it is wanted. Then a trial run over the golden captures leaves the bytecode of it all.

import { globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { type InputOptions, type OutputOptions, type Plugin, rolldown } from 'rolldown';
import { keepBytecode, load, loadable } from './load.cjs';
import { plainCode } from './plain-code.ts';
import { root } from './step.ts';

/** Large, or wanted by few runs. */
const external = [
  'pino',
  'fastify',
  '@prometheus-io/client',
  'piscina',
  '@elastic/elasticsearch',
  '@opensearch-project/opensearch',
];
/** No module is imported for what it does but for what it exports: what nobody uses of a room stays out. */
const common: InputOptions = { cwd: root, platform: 'node', external, treeshake: { moduleSideEffects: false } };
const output: OutputOptions = { sourcemap: 'hidden', minify: false, comments: { jsdoc: false } };

/**
 * TypeBox has regular expressions for names in other scripts, which take V8 milliseconds to read and few configs have an option for:
 * each is made when it is used first.
 */
const patternsMadeWhenUsed: Plugin = {
  name: 'patterns-made-when-used',
  transform: (code, id) => {
    if (!id.endsWith('/typebox/build/format/idna/pattern/pattern.mjs')) return null;
    const later = `const later = (make) => {
      let made;
      const pattern = () => made ??= make();
      return { test: (text) => pattern().test(text), get source() { return pattern().source; } };
    };`;
    return `${later}\n${code.replaceAll(/^export const (RE_\w+) = ([^;]+);/gm, 'export const $1 = later(() => $2);')}`;
  },
};

/** Plain ASCII, of which V8 takes a byte a character, and imports by the functions that `load.cjs` hands over. */
function inAscii(code: string): string {
  return code
    .replace(/[^\0-\x7f]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replace(/\bimport\(/g, 'importModule(');
}

/**
 * Has Node's own modules loaded when they are used first: a thread needs few of those that some function of its file uses, and each
 * takes milliseconds and memory on every thread. Lines stay where they are.
 */
function loadedWhenUsed(code: string): string {
  const names: string[] = [];
  const declaration = /^let (node_\w+) = require\("(node:[\w/]+)"\);(\n\1 = __toESM\(\1, 1\);)?$/gm;
  const declared = code.replace(declaration, (_, name: string, id: string, interop: string | undefined) => {
    names.push(name);
    const required = interop === undefined ? `require("${id}")` : `__toESM(require("${id}"), 1)`;
    return `let ${name}$; const ${name} = () => ${name}$ ??= ${required};${interop === undefined ? '' : '\n'}`;
  });
  return names.reduce(
    (text, name) =>
      text
        .replaceAll(new RegExp(`\\bnew ${name}\\.([\\w.]+)`, 'g'), `new (${name}().$1)`)
        .replaceAll(new RegExp(`\\b${name}\\.`, 'g'), `${name}().`),
    declared,
  );
}

/**
 * The command line knows decoders by their definitions and never makes one, so what `create` makes stays out of its file; a main
 * thread that is the packet worker too loads that one's file besides. Where a
 * definition has another form than all have now, nothing but start-up time is lost.
 */
const withoutDecoders: Plugin = {
  name: 'without-decoders',
  transform: (code, id) =>
    /\/src\/decoders\/[^/]+\/definition\.ts$/.test(id)
      ? code.replaceAll(
          /^ {2}create: .*?^\};/gms,
          "  create: () => { throw new Error('decoders are made on packet workers'); },\n};",
        )
      : null,
};

/** One file that holds all it needs. */
async function bundleFile(folder: string, name: string, input: string, plugins: readonly Plugin[] = []): Promise<void> {
  const transform = { define: { 'import.meta.resolve': 'resolveModule' } };
  const bundled = await rolldown({ ...common, plugins: [patternsMadeWhenUsed, ...plugins], input, transform });
  const { output: files } = await bundled.generate({ ...output, dir: folder, format: 'cjs', codeSplitting: false });
  await bundled.close();
  const [{ code, map }] = files;
  writeFileSync(join(folder, `${name}.cjs`), loadable(plainCode(inAscii(loadedWhenUsed(code)))));
  if (map !== null) writeFileSync(join(folder, `${name}.cjs.map`), map.toString());
}

/** Plugins are modules like those of anybody else, and the main thread and output workers load them by their URL. */
async function bundlePlugins(folder: string): Promise<void> {
  // Tasks are entry points of their own: the threads of a pool import them.
  const input = globSync('plugins/*/{index,*-task}.ts', { cwd: root }).map((path) => [path.replace(/\.ts$/, ''), path]);
  const bundled = await rolldown({ ...common, input: Object.fromEntries(input) });
  const names = { entryFileNames: '[name].cjs', chunkFileNames: 'plugins/[name]-[hash].cjs' };
  const { output: files } = await bundled.generate({ ...output, ...names, dir: folder, format: 'cjs', exports: 'named' });
  await bundled.close();
  for (const file of files) {
    mkdirSync(join(folder, dirname(file.fileName)), { recursive: true });
    const content = file.type === 'chunk' ? loadedWhenUsed(file.code) : file.source;
    writeFileSync(join(folder, file.fileName), content);
  }
}

async function tryOut(folder: string): Promise<void> {
  const captures = globSync('test/golden/*.pcap', { cwd: root });
  if (captures.length === 0) return;
  const files = captures.flatMap((file) => ['-r', join(root, file)]);
  const records = mkdtempSync(join(tmpdir(), 'ringtap-trial-'));
  process.env[keepBytecode] = '1';
  try {
    const { main } = load(folder, 'cli') as typeof import('../src/cli/index.ts');
    // Should it fail, everything is compiled at each start; what is wrong, the next run says better.
    // A folder has a thread to read it and one for its records; files have neither, and come last: what a thread leaves takes
    // the place of what one before it left.
    for (const sources of [['-R', join(root, 'test/golden')], files]) await main([...sources, '-n', '1', '-l', records, '-q']);
  } finally {
    rmSync(records, { recursive: true });
  }
}

const folder = resolve(process.argv[2] as string);
mkdirSync(folder, { recursive: true });
/** By the file that they become; `packet-worker` is both a thread's and the main thread's. */
const workers = { capture: 'capture', packet: 'packet-worker', output: 'output' };
await Promise.all([
  bundlePlugins(folder),
  bundleFile(folder, 'cli', 'src/cli/index.ts', [withoutDecoders]),
  ...Object.entries(workers).map(([name, file]) => bundleFile(folder, name, `src/workers/${file}.ts`)),
]);
const loaded = (name: string): string => `require('../../tools/load.cjs').load(__dirname, '${name}')`;
for (const name of ['capture', 'output']) writeFileSync(join(folder, `${name}-thread.cjs`), `${loaded(name)};\n`);
writeFileSync(join(folder, 'packet-thread.cjs'), `${loaded('packet')}.runPacketThread();\n`);
writeFileSync(join(folder, 'packet-worker.cjs'), `module.exports = ${loaded('packet')};\n`);
await tryOut(folder);
