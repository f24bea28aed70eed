// Punycode (RFC 3492): the Unicode form of internationalised names (RFC 5890 §2.3.2.1). Called for names that are shown in
// it, on packet workers. It maps and checks nothing beyond the coding: what a name claims to be is what is looked for.

const base = 36;
const threshold = { min: 1, max: 26 } as const;
const skew = 38;
const damp = 700;
const initialBias = 72;
const initialCode = 0x80;
const codeMost = 0x10ffff;
const prefix = 'xn--';

/** Is there a label of this coding in the name? `name` is lower case. */
export function hasPunycode(name: string): boolean {
  return name.startsWith(prefix) || name.includes(`.${prefix}`);
}

/** The name, in lower case, with its coded labels in Unicode; undefined when one of them cannot be read. */
export function unicodeName(name: string): string | undefined {
  const labels = name.split('.');
  for (const [index, label] of labels.entries()) {
    if (!label.startsWith(prefix)) continue;
    const text = decode(label.slice(prefix.length));
    if (text === undefined) return undefined;
    labels[index] = text;
  }
  return labels.join('.');
}

/** RFC 3492 §6.2. */
function decode(input: string): string | undefined {
  const basicEnd = Math.max(0, input.lastIndexOf('-'));
  const output: number[] = [];
  for (let at = 0; at < basicEnd; at++) {
    const code = input.charCodeAt(at);
    if (code >= 0x80) return undefined;
    output.push(code);
  }
  let code = initialCode;
  let place = 0;
  let bias = initialBias;
  for (let at = basicEnd > 0 ? basicEnd + 1 : 0; at < input.length; ) {
    const before = place;
    let weight = 1;
    for (let k = base; ; k += base) {
      const digit = at < input.length ? digitOf(input.charCodeAt(at++)) : -1;
      if (digit < 0) return undefined;
      place += digit * weight;
      // A label has few characters, so what grows beyond this is none.
      if (place > 0x7fffffff) return undefined;
      const limit = Math.min(threshold.max, Math.max(threshold.min, k - bias));
      if (digit < limit) break;
      weight *= base - limit;
    }
    const length = output.length + 1;
    bias = adapt(place - before, length, before === 0);
    code += Math.floor(place / length);
    place %= length;
    if (code > codeMost || (code >= 0xd800 && code < 0xe000)) return undefined;
    output.splice(place, 0, code);
    place++;
  }
  return output.length > 0 ? String.fromCodePoint(...output) : undefined;
}

/** §5: letters, then digits. */
function digitOf(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30 + 26;
  return code >= 0x61 && code <= 0x7a ? code - 0x61 : -1;
}

/** §6.1 */
function adapt(change: number, length: number, isFirst: boolean): number {
  let delta = Math.floor(change / (isFirst ? damp : 2));
  delta += Math.floor(delta / length);
  let k = 0;
  while (delta > ((base - threshold.min) * threshold.max) / 2) {
    delta = Math.floor(delta / (base - threshold.min));
    k += base;
  }
  return k + Math.floor(((base - threshold.min + 1) * delta) / (delta + skew));
}
