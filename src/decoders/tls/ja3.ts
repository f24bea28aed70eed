// JA3 and JA3S: MD5 over the decimal values of a hello, lists joined with `-`, fields with `,`. JA3 leaves GREASE
// (RFC 8701) out; JA3S takes the server’s extensions as they come.

import { hash } from 'node:crypto';
import type { ClientHello } from './client-hello.ts';
import type { ServerHello } from './server-hello.ts';
import { isGrease } from './versions.ts';

/** `version,ciphers,extensions,groups,point formats` */
export function ja3String(hello: ClientHello): string {
  const ciphers = joined(hello.cipherSuites);
  const extensions = joined(hello.extensions);
  const groups = joined(hello.supportedGroups);
  return `${hello.version},${ciphers},${extensions},${groups},${hello.pointFormats.join('-')}`;
}

/** `version,cipher,extensions` */
export function ja3sString(hello: ServerHello): string {
  return `${hello.legacyVersion},${hello.cipherSuite},${hello.extensions.join('-')}`;
}

/** 32 lower-case hex digits. */
export function ja3Hash(text: string): string {
  return hash('md5', text, 'hex');
}

function joined(values: readonly number[]): string {
  let text = '';
  for (const value of values) {
    if (isGrease(value)) continue;
    text += text === '' ? value : `-${value}`;
  }
  return text;
}
