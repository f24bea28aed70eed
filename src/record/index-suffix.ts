// The ending of an Arkime index for a moment, in UTC: `261121` by day. Arkime's viewer finds a document's index by it.

export const indexRotations = [
  'hourly',
  'hourly2',
  'hourly3',
  'hourly4',
  'hourly6',
  'hourly8',
  'hourly12',
  'daily',
  'weekly',
  'monthly',
] as const;
export type IndexRotation = (typeof indexRotations)[number];

const two = (value: number): string => String(value).padStart(2, '0');

/** `timeMs`: milliseconds since 1970. */
export function indexSuffix(rotation: IndexRotation, timeMs: number): string {
  const time = new Date(timeMs);
  const year = two(time.getUTCFullYear() % 100);
  const month = two(time.getUTCMonth() + 1);
  if (rotation === 'monthly') return `${year}m${month}`;
  if (rotation === 'weekly') {
    const dayOfYear = Math.floor((timeMs - Date.UTC(time.getUTCFullYear(), 0, 1)) / 86_400_000);
    return `${year}w${two(Math.floor(dayOfYear / 7))}`;
  }
  const day = `${year}${month}${two(time.getUTCDate())}`;
  if (rotation === 'daily') return day;
  const step = Number(rotation.slice('hourly'.length) || '1');
  return `${day}h${two(time.getUTCHours() - (time.getUTCHours() % step))}`;
}
