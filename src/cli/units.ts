// Numbers as people read them, for the progress line and the summary.

const prefixes = ['', 'k', 'M', 'G', 'T', 'P'];

/** `1234567` → `1.23 M`; decimal prefixes, three digits. */
export function scaled(value: number, unit = ''): string {
  let step = 0;
  let rest = value;
  while (Math.abs(rest) >= 999.5 && step < prefixes.length - 1) {
    rest /= 1000;
    step++;
  }
  const size = Math.abs(rest);
  const digits = (step === 0 && Number.isInteger(rest)) || size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
  return `${rest.toFixed(digits)} ${prefixes[step]}${unit}`.trimEnd();
}

/** `1234567` → `1,234,567`. */
export function grouped(value: number): string {
  return value.toLocaleString('en-US');
}

/** Seconds as `0.42 s`, `3:07 min`, `2:03:10 h`. */
export function duration(seconds: number): string {
  if (seconds < 59.95) return `${seconds.toFixed(seconds < 9.995 ? 2 : 1)} s`;
  const whole = Math.round(seconds);
  const two = (value: number): string => String(value).padStart(2, '0');
  if (whole < 3600) return `${Math.floor(whole / 60)}:${two(whole % 60)} min`;
  return `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)} h`;
}
