// What kind of content begins with these bytes: a short list of signatures, no guesses. Used by decoders of protocols that carry
// files (HTTP bodies, e-mail attachments), on a packet worker. Names are those that libmagic gives, as Arkime's
// documents have them with `magicMode=basic`.

/** As many first bytes of the content as a signature may need. */
export const mediaTypeBytes = 512;

interface Signature {
  readonly type: string;
  readonly bytes: Buffer;
  /** Where a second piece stands, and what it is. */
  readonly at: number;
  readonly more: Buffer | undefined;
  /** Letters match in both cases; `bytes` is in lower case. */
  readonly anyCase: boolean;
}

/** By first byte. */
const signatures = new Array<Signature[] | undefined>(256).fill(undefined);

function file(first: number, signature: Signature): void {
  const same = signatures[first];
  if (same === undefined) signatures[first] = [signature];
  else same.push(signature);
}

function add(type: string, start: string, at = 0, more?: string): void {
  const bytes = Buffer.from(start, 'latin1');
  const second = more === undefined ? undefined : Buffer.from(more, 'latin1');
  file(bytes[0] as number, { type, bytes, at, more: second, anyCase: false });
}

function addMarkup(type: string, ...starts: string[]): void {
  for (const start of starts) {
    file(start.charCodeAt(0), { type, bytes: Buffer.from(start, 'latin1'), at: 0, more: undefined, anyCase: true });
  }
}

// Pictures.
add('image/gif', 'GIF8');
add('image/png', '\x89PNG\r\n\x1a\n');
add('image/jpeg', '\xff\xd8\xff');
add('image/tiff', 'II*\0');
add('image/tiff', 'MM\0*');
add('image/x-icon', '\0\0\x01\0');
add('image/jp2', '\0\0\0\x0cjP  \r\n');
add('image/vnd.adobe.photoshop', '8BPS');
add('image/x-ms-bmp', 'BM', 6, '\0\0\0\0');
add('image/x-xcf', 'gimp xcf');
add('image/webp', 'RIFF', 8, 'WEBP');
// Sound and video.
add('audio/x-wav', 'RIFF', 8, 'WAVE');
add('video/x-msvideo', 'RIFF', 8, 'AVI ');
add('audio/mpeg', 'ID3');
add('audio/midi', 'MThd');
add('audio/x-flac', 'fLaC');
add('application/ogg', 'OggS');
add('video/x-flv', 'FLV\x01');
add('video/mpeg', '\0\0\x01\xba');
add('video/mpeg', '\0\0\x01\xb3');
add('video/webm', '\x1aE\xdf\xa3');
add('video/x-ms-asf', '0&\xb2u\x8ef\xcf\x11');
for (let size = 0x10; size <= 0x40; size += 4) add('video/mp4', `\0\0\0${String.fromCharCode(size)}ftyp`);
add('application/x-shockwave-flash', 'FWS');
add('application/x-shockwave-flash', 'CWS');
add('application/x-shockwave-flash', 'ZWS');
// Archives.
add('application/zip', 'PK\x03\x04');
add('application/x-gzip', '\x1f\x8b');
add('application/x-compress', '\x1f\x9d');
add('application/x-bzip2', 'BZh');
add('application/x-xz', '\xfd7zXZ\0');
add('application/x-7z-compressed', "7z\xbc\xaf'\x1c");
add('application/x-rar', 'Rar!\x1a\x07');
add('application/vnd.ms-cab-compressed', 'MSCF\0\0\0\0');
add('application/x-archive', '!<arch>');
add('application/x-rpm', '\xed\xab\xee\xdb');
// Programs.
add('application/x-dosexec', 'MZ');
add('application/x-executable', '\x7fELF', 16, '\x02\0');
add('application/x-sharedlib', '\x7fELF', 16, '\x03\0');
add('application/x-object', '\x7fELF', 16, '\x01\0');
add('application/x-mach-binary', '\xcf\xfa\xed\xfe');
add('application/x-mach-binary', '\xce\xfa\xed\xfe');
add('application/x-java-applet', '\xca\xfe\xba\xbe');
add('application/wasm', '\0asm');
add('text/x-shellscript', '#!/bin/sh');
add('text/x-shellscript', '#!/bin/bash');
add('text/x-shellscript', '#! /bin/sh');
add('text/x-shellscript', '#! /bin/bash');
// Documents and fonts.
add('application/pdf', '%PDF-');
add('application/postscript', '%!PS-');
add('application/CDFV2', '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1');
add('text/rtf', '{\\rtf');
add('application/font-woff', 'wOFF');
add('application/font-woff2', 'wOF2');
add('application/x-font-ttf', '\0\x01\0\0\0');
add('application/vnd.ms-opentype', 'OTTO');
add('application/x-bittorrent', 'd8:announce');
add('application/vnd.tcpdump.pcap', '\xd4\xc3\xb2\xa1');
add('application/vnd.tcpdump.pcap', '\xa1\xb2\xc3\xd4');
// Text. Markup stands at the very beginning.
addMarkup('text/html', '<!doctype html', '<html', '<head', '<title', '<body', '<table', '<script', '<style', '<h1', '<a href=');
addMarkup('text/xml', '<?xml');
addMarkup('text/x-php', '<?php');
addMarkup('image/svg+xml', '<svg');
add('text/javascript', 'document.write');
add('text/javascript', 'document.createElement');
add('text/javascript', 'window.');
add('text/javascript', 'function ');
add('text/javascript', 'function(');
add('text/javascript', '(function');
add('text/javascript', '!function');
add('text/javascript', 'var ');
add('text/javascript', '/*jslint');
add('application/json', '{"');
add('application/json', '[{"');

/**
 * The media type of the content whose beginning is `bytes[from, to)`, of which `mediaTypeBytes` are enough; '' where no
 * signature is known.
 */
export function mediaTypeOf(bytes: Uint8Array, from: number, to: number): string {
  if (from >= to) return '';
  const first = bytes[from] as number;
  const possible = signatures[first];
  for (let index = 0; possible !== undefined && index < possible.length; index++) {
    const signature = possible[index] as Signature;
    if (matches(signature, bytes, from, to)) return signature.type;
  }
  return '';
}

function matches(signature: Signature, bytes: Uint8Array, from: number, to: number): boolean {
  const { more, at, anyCase } = signature;
  if (!stands(signature.bytes, bytes, from, to, anyCase)) return false;
  return more === undefined || stands(more, bytes, from + at, to, false);
}

function stands(wanted: Buffer, bytes: Uint8Array, from: number, to: number, anyCase: boolean): boolean {
  if (to - from < wanted.length) return false;
  for (let index = 0; index < wanted.length; index++) {
    let byte = bytes[from + index] as number;
    if (anyCase && byte >= 0x41 && byte <= 0x5a) byte |= 0x20;
    if (byte !== wanted[index]) return false;
  }
  return true;
}
