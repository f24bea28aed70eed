// Decimal digits as bytes, two at a time. Used by writers of records; the caller sees to the space.

/** `00` to `99`, each as it lies in memory. */
const pairs = new Uint16Array(100);
for (let value = 0; value < 100; value++) pairs[value] = (0x30 + ((value / 10) | 0)) | ((0x30 + (value % 10)) << 8);

/** Writes an integer from 0 to 2^31 - 1; returns its end. */
export function writeDecimal(view: DataView, at: number, value: number): number {
  let rest = value;
  let from = at + digitsOf(value);
  const end = from;
  while (rest > 99) {
    const next = (rest / 100) | 0;
    from -= 2;
    view.setUint16(from, pairs[rest - next * 100] as number, true);
    rest = next;
  }
  if (rest > 9) view.setUint16(at, pairs[rest] as number, true);
  else view.setUint8(at, 0x30 + rest);
  return end;
}

/** Writes an integer from 0 to 999 999 as six digits. */
function writeSix(view: DataView, at: number, value: number): void {
  const upper = (value / 100) | 0;
  const top = (upper / 100) | 0;
  view.setUint16(at, pairs[top] as number, true);
  view.setUint16(at + 2, pairs[upper - top * 100] as number, true);
  view.setUint16(at + 4, pairs[value - upper * 100] as number, true);
}

/** Writes an integer from 0 to 99 999 999 as eight digits. */
export function writeEight(view: DataView, at: number, value: number): void {
  const upper = (value / 1_000_000) | 0;
  view.setUint16(at, pairs[upper] as number, true);
  writeSix(view, at + 2, value - upper * 1_000_000);
}

function digitsOf(value: number): number {
  if (value < 10_000) return value < 100 ? (value < 10 ? 1 : 2) : value < 1000 ? 3 : 4;
  if (value < 1_000_000) return value < 100_000 ? 5 : 6;
  if (value < 100_000_000) return value < 10_000_000 ? 7 : 8;
  return value < 1_000_000_000 ? 9 : 10;
}
