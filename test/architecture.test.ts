// The directions of imports: main → cli → workers → rules → pipeline → session, decoders → crypto, scribe → packet, ring → errors, through
// doors only.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { filesOf, type Import, importsOf, root, textOf } from './source-tree.ts';

/** Lowest first. A room imports only rooms of floors below its own; what is on one floor knows nothing of each other. */
const floors: readonly (readonly string[])[] = [
  ['errors.ts', 'make-folder.ts', 'monotonic-clock.ts', 'named-values.ts'],
  ['ring', 'record'],
  ['counters', 'packet', 'pcap', 'plugin', 'spill', 'capture'],
  ['crypto', 'scribe'],
  ['decoders'],
  ['session'],
  ['config', 'pipeline'],
  ['rules'],
  ['workers'],
  ['admin'],
  ['cli'],
  ['main.ts'],
];

/** Rooms that see less than their floor would allow. */
const confined: Readonly<Record<string, readonly string[]>> = {
  ring: ['errors.ts', 'monotonic-clock.ts'],
  record: ['errors.ts'],
  // The names and order of the capture crate's counters are part of the generated layouts.
  counters: ['ring', 'errors.ts', 'named-values.ts'],
  packet: ['ring', 'errors.ts'],
  pcap: ['record', 'errors.ts'],
  plugin: ['record', 'errors.ts', 'make-folder.ts'],
  spill: ['errors.ts', 'make-folder.ts'],
  // The addon is asked for what it computes of bytes, and decoders see nothing else of it.
  crypto: ['capture'],
  scribe: ['ring', 'record', 'capture'],
  // Bytes and time come in, records go out: no ring, no counters, no packet.
  decoders: ['record', 'crypto', 'errors.ts', 'named-values.ts'],
};

const pluginSees = ['plugin', 'record', 'pcap', 'errors.ts'];

const sources = filesOf('src/**/*.ts', 'plugins/**/*.ts');
const imports = sources.flatMap(importsOf);
const show = ({ from, to }: Import): string => `${from} → ${to}`;

/** `src/ring/park.ts` → ring, `src/errors.ts` → errors.ts, `plugins/output-file/index.ts` → plugins/output-file. */
function roomOf(path: string): string {
  const [top, name] = path.split('/');
  return top === 'src' ? (name as string) : `${top}/${name}`;
}

const floorOf = (room: string): number => floors.findIndex((rooms) => rooms.includes(room));

test('the source is found, and every relative import leads to a file', () => {
  assert.ok(sources.includes('src/main.ts') && sources.includes('src/errors.ts'));
  assert.ok(imports.length > sources.length);
  assert.deepEqual(imports.filter(({ to, isRelative }) => isRelative && !existsSync(join(root, to))).map(show), []);
});

test('every room has its floor', () => {
  const rooms = new Set(sources.filter((path) => path.startsWith('src/')).map(roomOf));
  assert.deepEqual(
    [...rooms].filter((room) => floorOf(room) < 0),
    [],
    'a new room takes its place in the floors above',
  );
});

test('rooms import only what lies below them', () => {
  const wrong = imports.filter(({ from, to, isRelative }) => {
    if (!isRelative || !from.startsWith('src/')) return false;
    const [room, other] = [roomOf(from), roomOf(to)];
    if (room === other) return false;
    const seen = confined[room];
    return seen === undefined ? floorOf(other) < 0 || floorOf(other) >= floorOf(room) : !seen.includes(other);
  });
  assert.deepEqual(wrong.map(show), []);
});

test("nobody imports past a room's door", () => {
  const wrong = imports.filter(({ from, to, isRelative }) => {
    if (!isRelative || roomOf(from) === roomOf(to)) return false;
    return (
      !/^src\/(errors|make-folder|monotonic-clock|named-values)\.ts$/.test(to) &&
      !/^(src|plugins)\/[^/]+\/index\.ts$/.test(to) &&
      !(from === 'src/main.ts')
    );
  });
  assert.deepEqual(wrong.map(show), []);
});

test('plugins see the plugin contract, records, capture files and errors, and not each other', () => {
  const wrong = imports.filter(({ from, to, isRelative }) => {
    if (!isRelative || !from.startsWith('plugins/') || roomOf(from) === roomOf(to)) return false;
    return !(to.startsWith('src/') && pluginSees.includes(roomOf(to)));
  });
  assert.deepEqual(wrong.map(show), []);
});

test('no protocol imports another one', () => {
  const protocolOf = (path: string): string | undefined => /^src\/decoders\/([^/]+)\//.exec(path)?.[1];
  // A folder without a definition is a format that protocols share (certificates, NTLM); it knows no protocol.
  const isProtocol = (name: string): boolean => existsSync(join(root, `src/decoders/${name}/definition.ts`));
  const wrong = imports.filter(({ from, to }) => {
    const [own, other] = [protocolOf(from), protocolOf(to)];
    return own !== undefined && other !== undefined && own !== other && isProtocol(other);
  });
  assert.deepEqual(wrong.map(show), []);
});

test('decoders see no socket, file, thread, clock or console', () => {
  const pureModules = ['node:buffer', 'node:crypto', 'node:zlib', 'node:util'];
  const decoders = sources.filter((path) => path.startsWith('src/decoders/'));
  const modules = imports.filter(({ from, to }) => from.startsWith('src/decoders/') && to.startsWith('node:'));
  const pureImport = /^import \{ (isIP|isIPv4|isIPv6)(, (isIP|isIPv4|isIPv6))* \} from 'node:net';$/m;
  const isPure = ({ from, to }: Import): boolean =>
    pureModules.includes(to) || (to === 'node:net' && pureImport.test(textOf(from)));
  assert.deepEqual(modules.filter((each) => !isPure(each)).map(show), []);
  const impure = /\b(Date\.now|new Date\(\)|performance\.|monotonicMs|process\.|Math\.random|setTimeout|setInterval|console\.)/;
  assert.deepEqual(
    decoders.filter((path) => impure.test(textOf(path))),
    [],
  );
});

test('no dead files: each one is reached from main, from a plugin, or is a type alone', () => {
  const reached = new Set<string>();
  const waiting = sources.filter((path) => path === 'src/main.ts' || /^plugins\/[^/]+\/index\.ts$/.test(path));
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (reached.has(path)) continue;
    reached.add(path);
    for (const { to, isRelative } of importsOf(path)) {
      if (isRelative && sources.includes(to)) waiting.push(to);
    }
  }
  assert.deepEqual(
    sources.filter((path) => !reached.has(path)),
    [],
  );
});
