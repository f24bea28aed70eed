// Keeps two sensors from spilling into one directory: a file that names the process using it. A process that died without
// removing it is recognised by its start time, so that a process id used again does not lock anyone out.

import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCodes, SensorError } from '../errors.ts';

const fileName = 'owner';

/** Takes the directory. Throws `RT_SPILL` when another living process has it; another thread of this process may have had it. */
export async function takeOwnership(directory: string): Promise<void> {
  const path = join(directory, fileName);
  const own = `${process.pid} ${await startTimeOf(process.pid)}`;
  const found = await readFile(path, 'latin1').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  const pid = Number(found?.split(' ')[0]);
  if (found !== undefined && found !== own && Number.isInteger(pid) && pid > 0) {
    const startTime = await startTimeOf(pid);
    if (startTime !== '' && found === `${pid} ${startTime}`)
      throw new SensorError(errorCodes.spill, `${directory} is in use by process ${pid}`, {
        hint: 'give every output of every running sensor a spill directory of its own',
      });
  }
  await writeFile(path, own, 'latin1');
}

export async function giveUpOwnership(directory: string): Promise<void> {
  await rm(join(directory, fileName), { force: true });
}

/** Start time of a process in clock ticks since boot (proc(5), field 22 of stat); '' when there is no such process. */
async function startTimeOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
  // The command name, field 2, is in parentheses and may hold spaces and parentheses itself.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}
