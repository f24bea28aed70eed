import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LineReader } from '../../src/decoders/line-reader.ts';

/** The lines of `pieces`; `null` is a hole, behind which the rest of a line goes by. */
function linesOf(limit: number, ...pieces: (string | null)[]): string[] {
  const lines = new LineReader(limit);
  const out: string[] = [];
  for (const piece of pieces) {
    if (piece === null) lines.pass();
    const bytes = Buffer.from(piece ?? '', 'latin1');
    for (let at = 0; at < bytes.length; ) {
      const end = lines.read(bytes, at, bytes.length);
      if (end < 0) break;
      at = end;
      out.push(`${lines.tooLong ? '!' : ''}${lines.bytes.toString('latin1', lines.from, lines.to)}`);
    }
  }
  if (lines.rest()) out.push(`~${lines.bytes.toString('latin1', lines.from, lines.to)}`);
  return out;
}

test('lines end with LF or CR LF, wherever a piece ends', () => {
  const text = 'one\r\ntwo\n\r\n\nthree\r\r\nlonger than ten\r\nrest';
  const whole = ['one', 'two', '', '', 'three\r', '!longer tha', '~rest'];
  assert.deepEqual(linesOf(10, text), whole);
  for (let cut = 1; cut < text.length; cut += 1) assert.deepEqual(linesOf(10, text.slice(0, cut), text.slice(cut)), whole);
  assert.deepEqual(linesOf(10, ...text), whole);
});

test('what is passed goes by up to its line end', () => {
  assert.deepEqual(linesOf(10, 'a\nbe', null, 'en\nc\nd', null, 'e'.repeat(100), '\r', '\nf\n'), ['a', 'c', 'f']);
  assert.deepEqual(linesOf(10, 'a', null), []);
});
