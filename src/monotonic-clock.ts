// The clock for waiting and for rates. Not `performance.now()`: the first use of it has every thread load Node's `perf_hooks` and all that
// it needs, which is milliseconds of a start.

/** Milliseconds since the process started, with fractions; never goes back. */
export function monotonicMs(): number {
  return process.uptime() * 1000;
}
