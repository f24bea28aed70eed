// Makes a folder and the ones above it. In place of Node's recursive mkdir, which never returns on file systems that
// answer ENOENT to every mkdir, as /proc does. Control plane only.

import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/** Does nothing when the folder is there. Throws the system's error when it cannot be made. */
export function makeFolder(path: string): void {
  if (existsSync(path)) return;
  const parent = dirname(path);
  if (parent !== path) makeFolder(parent);
  try {
    mkdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
