// Tells V8 to spend less on compiling. Decoders are much code of which any hour’s traffic runs a little often: with V8’s own
// threshold TurboFan was a sixth of the CPU time of a run over a capture file, and what it made was hardly faster than what
// Maglev had made before. Maglev itself was a tenth of a short run, most of it for what runs some hundred times. Called by the
// supervisor on the main thread; it is one setting for all threads of the process.

import { setFlagsFromString } from 'node:v8';

/** V8’s flags, in calls of a function before it is compiled: by Maglev, for which V8’s own is 400, and by TurboFan, 3000. */
const flags = (maglev: number): readonly string[] => [
  `--invocation-count-for-maglev=${maglev}`,
  '--invocation-count-for-turbofan=250000',
];

/** Where the gain ends: docs/performance.md. */
export const patience = flags(1600);
/** Of a run that is over in a second or two. */
const patienceOfShortRuns = flags(6400);

/**
 * `isShort`: the packet worker has so little to read that it is on the main thread (main-packets.ts). Call it when all threads have
 * read their bytecode, and the main thread that of a packet worker that has none: V8 refuses what was kept under other flags. So a
 * run that keeps its bytecode (tools/load.cjs) stays as it is.
 */
export function waitLongerToCompile(isShort: boolean): void {
  if (process.env['RINGTAP_KEEP_BYTECODE'] !== undefined) return;
  for (const flag of isShort ? patienceOfShortRuns : patience) setFlagsFromString(flag);
}
