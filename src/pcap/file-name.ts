// Names of capture files: `strftime` sequences and places for node and number. Local time, as tcpdump and Arkime have it.

const two = (value: number): string => String(value).padStart(2, '0');
const dayMs = 86_400_000;

/** Day of the year, from 1. */
function dayOfYear(time: Date): number {
  return (
    Math.round((Date.UTC(time.getFullYear(), time.getMonth(), time.getDate()) - Date.UTC(time.getFullYear(), 0, 1)) / dayMs) + 1
  );
}

const sequences: Readonly<Record<string, (time: Date) => string>> = {
  Y: (time) => String(time.getFullYear()),
  y: (time) => two(time.getFullYear() % 100),
  m: (time) => two(time.getMonth() + 1),
  d: (time) => two(time.getDate()),
  H: (time) => two(time.getHours()),
  M: (time) => two(time.getMinutes()),
  S: (time) => two(time.getSeconds()),
  j: (time) => String(dayOfYear(time)).padStart(3, '0'),
  s: (time) => String(Math.floor(time.getTime() / 1000)),
  F: (time) => `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`,
  T: (time) => `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`,
  '%': () => '%',
};

/** Replaces %Y %y %m %d %H %M %S %j %s %F %T and %%; other sequences stay as they are. */
export function timeText(template: string, timeUs: number): string {
  const time = new Date(timeUs / 1000);
  return template.replace(/%(.)/g, (whole, letter: string) => sequences[letter]?.(time) ?? whole);
}

/** Whether a name differs from file to file by its time. */
export function hasTime(template: string): boolean {
  return timeText(template, 0) !== template;
}

/** `{node}-%y%m%d-{number}` → `sensor1-261120-00000101`. */
export function fileName(template: string, node: string, number: number, timeUs: number): string {
  return timeText(template, timeUs)
    .replaceAll('{node}', node.replaceAll('/', '_'))
    .replaceAll('{number}', String(number).padStart(8, '0'));
}

/** Ending of the names of stored files, as Arkime has them. */
export function fileEnding(compression: string, encrypted: boolean, shortHead: boolean): string {
  if (encrypted || shortHead) return '.arkime';
  if (compression === 'gzip') return '.pcap.gz';
  return compression === 'zstd' ? '.pcap.zst' : '.pcap';
}
