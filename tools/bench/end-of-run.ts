// What the bench tools leave behind when they end, however they end: nothing. Cleaning steps run last first, at a normal
// end, after an error, and after SIGINT, SIGTERM and SIGHUP.

import { mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';

const steps = new Set<() => void>();
let hooked = false;

function hook(): void {
  if (hooked) return;
  hooked = true;
  process.on('exit', () => {
    for (const step of [...steps].reverse()) step();
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => process.exit(128 + constants.signals[signal]));
}

/** Has `step` (synchronous) run when this process ends. Returns what takes it back. */
export function atEnd(step: () => void): () => void {
  hook();
  steps.add(step);
  return () => steps.delete(step);
}

/** A folder that is gone when this process ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ringtap-bench-'));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
