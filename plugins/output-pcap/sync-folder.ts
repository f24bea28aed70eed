// Puts the names of a folder on disk: a file that was made or renamed in it is there after a failure of power only then. Called by
// what counts capture files, on the output's thread.

import { open } from 'node:fs/promises';

/** Rejects with the system's error. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
