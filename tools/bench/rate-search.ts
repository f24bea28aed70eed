// Looks for the highest rate that a sensor bears: first rising in steps until one is too much, then halving what is between.

export interface Attempt {
  /** The rate at which was really sent. */
  readonly rate: number;
  readonly lossless: boolean;
}

export interface SearchResult {
  /** Highest rate without a loss; 0 when even the lowest was too much. */
  readonly best: number;
  /** Lowest rate with a loss; undefined when the sender could not send enough for one. */
  readonly tooMuch: number | undefined;
}

/** The search ends when the rate is known to this part of it. */
const precision = 0.05;
/** The first rate, as a part of the most that can be sent, and how it rises. */
const firstShare = 1 / 16;
const rise = 2;

/** `attempt` sends at a rate and says how it went; `most`: what the sender can do. */
export async function highestRate(most: number, attempt: (rate: number) => Promise<Attempt>): Promise<SearchResult> {
  let best = 0;
  let tooMuch: number | undefined;
  for (let wanted = most * firstShare; tooMuch === undefined; wanted = Math.min(most, wanted * rise)) {
    const { rate, lossless } = await attempt(wanted);
    if (lossless) best = Math.max(best, rate);
    else tooMuch = rate;
    if (wanted >= most) break;
  }
  if (tooMuch === undefined) return { best, tooMuch };
  // At rates near zero there is nothing to be had from going on.
  while (tooMuch - best > precision * tooMuch && tooMuch > most / 1000) {
    const { rate, lossless } = await attempt((best + tooMuch) / 2);
    if (lossless) {
      if (rate <= best) break;
      best = rate;
    } else {
      if (rate >= tooMuch) break;
      tooMuch = rate;
    }
  }
  return { best, tooMuch };
}
