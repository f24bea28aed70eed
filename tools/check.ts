// `npm run check`: format, lint, types, generated files, Rust format and lints. Everything that needs no test run.

import { packageProgram, runSteps } from './step.ts';

const cargo = (...args: string[]): string[] => ['cargo', ...args, '--manifest-path', 'crates/capture/Cargo.toml'];

runSteps([
  { title: 'format and lint', command: [...packageProgram('@biomejs/biome/bin/biome'), 'ci', '.'] },
  { title: 'types', command: [...packageProgram('typescript/bin/tsc'), '-p', '.'] },
  { title: 'generated files', command: [process.execPath, 'tools/generate.ts', '--check'] },
  { title: 'Rust format', command: cargo('fmt', '--check') },
  { title: 'Rust lints', command: [...cargo('clippy', '--locked', '--all-targets'), '--', '-D', 'warnings'] },
]);
