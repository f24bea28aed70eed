// The clocks of the sources that feed a worker. Each goes only forward; the timer wheel follows the slowest of those that
// have not ended. Owned by the session engine.

export class SourceClocks {
  /** By source: -Infinity before its first packet, +Infinity after its end. */
  readonly us: Float64Array;
  /** Sources that have not been heard of. */
  unheard: number;
  /** The latest clock of the sources that have ended. */
  #endedUs: number;

  constructor(sources: number) {
    this.us = new Float64Array(sources).fill(Number.NEGATIVE_INFINITY);
    this.unheard = sources;
    this.#endedUs = Number.NEGATIVE_INFINITY;
  }

  /** The slowest clock; +Infinity when all sources have ended. */
  slowest(): number {
    const { us } = this;
    let slowest = us[0] as number;
    for (let index = 1; index < us.length; index += 1) slowest = Math.min(slowest, us[index] as number);
    return slowest;
  }

  /** The clock at the end of the run: the slowest, or the latest one when all sources have ended. */
  final(): number {
    const slowest = this.slowest();
    return slowest === Number.POSITIVE_INFINITY ? this.#endedUs : slowest;
  }

  /** A source ended when its clock was `lastUs`. */
  ended(lastUs: number): void {
    this.#endedUs = Math.max(this.#endedUs, lastUs);
  }
}
