// Content types by signature: what each kind of beginning is, what is no beginning of anything, and that the bounds are kept.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { mediaTypeBytes, mediaTypeOf } from '../../../src/decoders/media-type/index.ts';

function typeOf(text: string): string {
  const bytes = Buffer.from(`<${text}!`, 'latin1');
  return mediaTypeOf(bytes, 1, bytes.length - 1);
}

test('beginnings have their types', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['', ''],
    ['GIF89a..', 'image/gif'],
    ['\x89PNG\r\n\x1a\n\0\0', 'image/png'],
    ['\xff\xd8\xff\xe0', 'image/jpeg'],
    ['RIFF\x10\0\0\0WAVEfmt', 'audio/x-wav'],
    ['RIFF\x10\0\0\0WEBPVP8', 'image/webp'],
    ['RIFF\x10\0\0\0WAV', ''],
    ['PK\x03\x04\n', 'application/zip'],
    ['\x1f\x8b\x08', 'application/x-gzip'],
    ['MZ\x90\0', 'application/x-dosexec'],
    ['%PDF-1.7', 'application/pdf'],
    ['<!DocType HTML>', 'text/html'],
    ['<HTML>', 'text/html'],
    ['<?xml version="1.0"?>', 'text/xml'],
    ['\r\n<html>', ''],
    ['<soap/>', ''],
    ['{"a":1}', 'application/json'],
    ['{ not json', ''],
    ['document.write("x")', 'text/javascript'],
    ['plain text', ''],
  ];
  for (const [text, type] of cases) assert.equal(typeOf(text), type, JSON.stringify(text));
});

test('nothing throws, and more bytes than it says change nothing', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.uint8Array({ maxLength: 8 }), (start, more) => {
      const whole = Buffer.concat([start, Buffer.alloc(mediaTypeBytes), more]);
      assert.equal(mediaTypeOf(whole, 0, whole.length), mediaTypeOf(whole, 0, mediaTypeBytes));
    }),
  );
});
