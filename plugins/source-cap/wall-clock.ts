// The time of day in microseconds, which never goes back. The system tells it in milliseconds only; between them counts a clock
// that is finer and runs on its own, and that is set again when the two have come apart.

/** Apart by more, the fine clock is set anew: the time of day was changed, or corrected little by little. */
const apartUs = 2000;

export class WallClock {
  readonly #coarseMs: () => number;
  readonly #fineMs: () => number;
  #offsetUs: number;
  #lastUs = 0;

  /** The clocks default to the system's. */
  constructor(coarseMs: () => number = Date.now, fineMs: () => number = () => performance.now()) {
    this.#coarseMs = coarseMs;
    this.#fineMs = fineMs;
    this.#offsetUs = coarseMs() * 1000 - fineMs() * 1000;
  }

  /** Whole microseconds since 1970. */
  nowUs(): number {
    const coarseUs = this.#coarseMs() * 1000;
    let nowUs = this.#fineMs() * 1000 + this.#offsetUs;
    if (nowUs < coarseUs - apartUs || nowUs > coarseUs + apartUs) {
      this.#offsetUs += coarseUs - nowUs;
      nowUs = coarseUs;
    }
    this.#lastUs = Math.max(this.#lastUs, Math.floor(nowUs));
    return this.#lastUs;
  }
}
