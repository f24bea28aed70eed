// `npm test`: all tests, of the capture crate and of the sensor. Words after `--` choose test files: `npm test -- ring`.

import { globSync } from 'node:fs';
import { root, runSteps, type Step } from './step.ts';

const words = process.argv.slice(2);
const files = globSync('test/**/*.test.ts', { cwd: root })
  .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
  .sort();
const steps: Step[] = [
  {
    title: `tests of the sensor (${files.length} files)`,
    command: [process.execPath, '--test', '--test-reporter=spec', '--test-reporter-destination=stdout', ...files],
  },
];
if (words.length === 0) {
  const cargo = ['cargo', 'test', '--locked', '--no-default-features', '--manifest-path', 'crates/capture/Cargo.toml'];
  steps.unshift(
    { title: 'tests of the capture crate', command: cargo },
    {
      title: 'model of the ring under every interleaving (loom)',
      command: [...cargo, '--release', '--target-dir', 'target/loom', 'loom'],
      env: { RUSTFLAGS: '--cfg loom', LOOM_MAX_PREEMPTIONS: '3' },
    },
  );
}
runSteps(steps);
