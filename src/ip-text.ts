// Whether a text is an address. As `isIP` of Node’s own `node:net`, which takes several modules and a long regular
// expression to load: more than all that is asked of it in a run over a capture. On any thread.

const zero = 0x30;
const point = 0x2e;
const colon = 0x3a;
const groupsOfAddress = 8;

/** 4 or 6 for the text of an IPv4 or IPv6 address (RFC 4291 section 2.2; with or without a zone), else 0. */
export function ipVersionOf(text: string): 0 | 4 | 6 {
  if (isIpv4(text, 0, text.length)) return 4;
  return isIpv6(text) ? 6 : 0;
}

/** Four numbers up to 255 without zeros ahead. */
function isIpv4(text: string, from: number, to: number): boolean {
  // The shortest is 0.0.0.0, the longest 255.255.255.255.
  if (to - from < 7 || to - from > 15) return false;
  let parts = 0;
  for (let at = from; at <= to; at += 1) {
    const start = at;
    let value = 0;
    while (at < to && isDigit(text.charCodeAt(at))) value = value * 10 + text.charCodeAt(at++) - zero;
    const length = at - start;
    if (length === 0 || value > 255 || (length > 1 && text.charCodeAt(start) === zero)) return false;
    parts += 1;
    if (at < to && text.charCodeAt(at) !== point) return false;
  }
  return parts === 4;
}

function isIpv6(text: string): boolean {
  const zone = text.indexOf('%');
  if (zone !== -1 && !/^%[0-9a-zA-Z.:-]+$/.test(text.slice(zone))) return false;
  const end = zone === -1 ? text.length : zone;
  let groups = 0;
  let gap = false;
  let at = 0;
  if (text.charCodeAt(0) === colon && text.charCodeAt(1) !== colon) return false;
  while (at < end) {
    if (text.charCodeAt(at) === colon) {
      // The second colon of `::`, or both of it at the beginning.
      if (gap) return false;
      gap = true;
      at += at === 0 ? 2 : 1;
      continue;
    }
    const start = at;
    while (at < end && isHexDigit(text.charCodeAt(at))) at += 1;
    if (at < end && text.charCodeAt(at) === point) {
      if (!isIpv4(text, start, end)) return false;
      groups += 2;
      break;
    }
    if (at === start || at - start > 4) return false;
    groups += 1;
    if (at === end) break;
    if (text.charCodeAt(at) !== colon) return false;
    at += 1;
    // A colon at the end is one of two.
    if (at === end) return false;
  }
  return gap ? groups < groupsOfAddress : groups === groupsOfAddress;
}

function isDigit(code: number): boolean {
  return code >= zero && code < colon;
}

function isHexDigit(code: number): boolean {
  const letter = code | 0x20;
  return isDigit(code) || (letter >= 0x61 && letter <= 0x66);
}
