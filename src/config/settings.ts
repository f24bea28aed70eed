// `--set a.b=value` of the command line: one key of the config each, laid over the file before anything is checked.
// Main thread, while loading.

import { parse } from 'smol-toml';
import { errorCodes, SensorError } from '../errors.ts';
import type { Origins } from './origins.ts';

/** Sets one key, as in `workers.packet=2` or `output.0.path=x.ndjson`. Throws `RT_USAGE` when it leads nowhere. */
export function applySetting(raw: Record<string, unknown>, setting: string, origins: Origins): void {
  const equals = setting.indexOf('=');
  const path = setting.slice(0, Math.max(0, equals)).trim().split('.');
  if (path.includes(''))
    throw new SensorError(errorCodes.usage, `--set ${setting}: expected key=value`, { hint: 'as in --set workers.packet=2' });
  let at: Record<string, unknown> = raw;
  path.slice(0, -1).forEach((part, position) => {
    checkPosition(setting, at, path, position);
    const next = path[position + 1] as string;
    const known = Object.hasOwn(at, part) ? at[part] : undefined;
    const child = known ?? (/^\d+$/.test(next) ? [] : {});
    if (known === undefined) origins.set(path.slice(0, position + 1).join('.'), `--set ${setting}`);
    if (typeof child !== 'object' || child === null || child instanceof Date)
      throw new SensorError(errorCodes.usage, `--set ${setting}: ${part} is no table`);
    define(at, part, child);
    at = child as Record<string, unknown>;
  });
  checkPosition(setting, at, path, path.length - 1);
  define(at, path.at(-1) as string, settingValue(setting.slice(equals + 1).trim()));
  origins.set(path.join('.'), `--set ${setting}`);
}

/** Elements of an array follow one on another: `output.3` where there is one output is a slip, not four outputs. */
function checkPosition(setting: string, at: object, path: readonly string[], position: number): void {
  if (!Array.isArray(at)) return;
  const part = path[position] as string;
  if (/^\d+$/.test(part) && Number(part) <= at.length) return;
  const table = path.slice(0, position).join('.');
  throw new SensorError(errorCodes.usage, `--set ${setting}: there is no ${table}.${part}`, {
    hint: `${table} holds ${at.length} so far; they are counted from 0`,
  });
}

/** An own property even where the name is one of Object's prototype. */
function define(target: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}

/** The value as TOML, or else as the text that it is: quotes would have to be quoted again in a shell. */
function settingValue(text: string): unknown {
  try {
    const parsed = parse(`v = ${text}`) as { v: unknown };
    return Object.keys(parsed).length === 1 ? parsed.v : text;
  } catch {
    return text;
  }
}
