// Positions of packets as documents write them: differences, of which a repeated one is 0 (Arkime's `gap0`). Packet workers
// write them into records, the reader of capture files knows them too.

/** Plain positions, with `-file` before those of each file → the same with differences. */
export function positionGaps(plain: readonly number[]): number[] {
  let last = 0;
  let lastGap = 0;
  return plain.map((position) => {
    if (position < 0) {
      last = 0;
      lastGap = 0;
      return position;
    }
    const gap = position - last;
    last = position;
    if (gap === lastGap) return 0;
    lastGap = gap;
    return gap;
  });
}
