// The parameters of HTTPS records (RFC 9460 §2.1, §14.3) as plain texts, `alpn=h3,h2`, for the objects of queries. Called by
// their reader, on packet workers.

import { ipv4Text, ipv6Text } from '../address-text.ts';
import { readU16 } from '../big-endian.ts';
import { textOf } from '../wire-text.ts';
import { SvcKey, svcKeyName } from './svc-params.ts';

/** The parameters in `[from, to)`; undefined when they do not fill it. */
export function svcParamTexts(bytes: Buffer, from: number, to: number): string[] | undefined {
  const texts: string[] = [];
  let at = from;
  while (at + 4 <= to) {
    const start = at + 4;
    const end = start + readU16(bytes, at + 2);
    if (end > to) return undefined;
    const key = readU16(bytes, at);
    const name = svcKeyName(key);
    texts.push(key === SvcKey.noDefaultAlpn ? name : `${name}=${valueText(key, bytes, start, end)}`);
    at = end;
  }
  return at === to ? texts : undefined;
}

function valueText(key: number, bytes: Buffer, from: number, to: number): string {
  switch (key) {
    case SvcKey.mandatory:
      return items(from, to, 2, (at) => svcKeyName(readU16(bytes, at)));
    case SvcKey.groups:
      return items(from, to, 2, (at) => String(readU16(bytes, at)));
    case SvcKey.alpn:
      return alpnText(bytes, from, to);
    case SvcKey.port:
      return items(from, to, 2, (at) => String(readU16(bytes, at)));
    case SvcKey.ipv4Hint:
      return items(from, to, 4, (at) => ipv4Text(bytes, at));
    case SvcKey.ipv6Hint:
      return items(from, to, 16, (at) => ipv6Text(bytes, at));
    case SvcKey.ech:
      return bytes.toString('base64', from, to);
    default:
      return textOf(bytes, from, to);
  }
}

function items(from: number, to: number, size: number, text: (at: number) => string): string {
  const texts: string[] = [];
  for (let at = from; at + size <= to; at += size) texts.push(text(at));
  return texts.join(',');
}

function alpnText(bytes: Buffer, from: number, to: number): string {
  const texts: string[] = [];
  for (let at = from; at < to; ) {
    const end = at + 1 + (bytes[at] as number);
    if (end > to) break;
    texts.push(textOf(bytes, at + 1, end));
    at = end;
  }
  return texts.join(',');
}
