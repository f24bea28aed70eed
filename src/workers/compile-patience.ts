// Tells V8 to spend less on compiling. Decoders are much code of which any hour’s traffic runs a little often: with V8’s own
// threshold TurboFan was a sixth of the CPU time of a run over a capture file, and what it made was hardly faster than what
// Maglev had made before. Called by the supervisor on the main thread; it is one setting for all threads of the process.

import { setFlagsFromString } from 'node:v8';

/** Calls of a function before TurboFan compiles it: V8’s own is 3000. Where the gain ends: docs/performance.md. */
export const turboFanCalls = 250_000;

/**
 * Call it when all threads have read their bytecode, and the main thread that of a packet worker that has none: V8 refuses what was
 * kept under other flags. So a run that keeps its bytecode (tools/load.cjs) stays as it is.
 */
export function waitLongerForTurboFan(): void {
  if (process.env['RINGTAP_KEEP_BYTECODE'] !== undefined) return;
  setFlagsFromString(`--invocation-count-for-turbofan=${turboFanCalls}`);
}
