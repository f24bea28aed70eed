// How the bench tools start Ringtap: as the launcher starts it, less the look whether everything has been built.

import { join } from 'node:path';
import { root } from '../step.ts';

export function sensorCommand(...args: readonly string[]): string[] {
  return [process.execPath, '--disable-warning=ExperimentalWarning', join(root, 'src', 'main.ts'), ...args];
}
