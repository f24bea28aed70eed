// What is noted of a session as members of its document: order, objects around values, counts, characters, limits.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { SessionField } from '../../src/record/index.ts';
import { type NotedPath, NoteWriter } from '../../src/record/note-writer.ts';
import { noteList } from './session-facts-double.ts';

function path(name: string, many: boolean, more: Partial<NotedPath> = {}): NotedPath {
  return { field: { name, type: 'keyword', many, meaning: name }, path: name, utf8: true, ...more };
}

const paths = [
  path('b.c', true, { count: 'Cnt' }),
  path('b.a.x', false),
  path('b-d', false),
  path('b.a.y', true, { count: '-cnt' }),
  path('top', false),
  path('b.c.deep.er', false),
  path('latin', true, { utf8: false }),
].filter(({ path: name }) => name !== 'b.c.deep.er');
const fields = paths.map(({ field }) => field);
const unknown: SessionField = { name: 'unknown', type: 'keyword', many: false, meaning: '' };

function write(writer: NoteWriter, notes: readonly (readonly [SessionField, unknown])[], limit = 1 << 16): string | undefined {
  const target = Buffer.alloc(limit + 16, 0xee);
  const end = writer.write(noteList(notes), target, 0, limit);
  assert.ok(target.subarray(limit).every((byte) => byte === 0xee));
  return end < 0 ? undefined : target.toString('utf8', 0, end);
}

test('each object is opened once, values of a list stay in their order, the first of a single one counts', () => {
  const [c, x, d, y, top, latin] = fields as [SessionField, SessionField, SessionField, SessionField, SessionField, SessionField];
  const text = write(new NoteWriter(paths), [
    [top, 1],
    [c, 'two'],
    [x, { k: [1] }],
    [unknown, 'no'],
    [y, true],
    [c, 'one'],
    [top, 2],
    [d, 'dash'],
    [latin, 'l'],
  ]);
  assert.equal(
    text,
    ',"b":{"a":{"x":{"k":[1]},"y":[true],"y-cnt":1},"c":["two","one"],"cCnt":2},"b-d":"dash","latin":["l"],"top":1',
  );
  assert.equal(write(new NoteWriter(paths), []), '');
  assert.equal(write(new NoteWriter(paths), [[unknown, 1]]), '');
});

test('bytes from 0x80 on are characters of Latin-1 unless the field is UTF-8', () => {
  const latin = path('l', true, { utf8: false });
  const utf8 = path('u', true);
  const text = write(new NoteWriter([latin, utf8]), [
    [latin.field, 'é€'],
    [utf8.field, 'é€'],
  ]);
  assert.deepEqual(JSON.parse(`{${text?.slice(1)}}`), { l: [Buffer.from('é€').toString('latin1')], u: ['é€'] });
});

test('fields of one path are one list', () => {
  const first = path('p', true, { count: 'Cnt' });
  const second: NotedPath = { ...path('other', false), path: 'p' };
  const notes = [
    [first.field, 1],
    [second.field, 2],
    [first.field, 3],
  ] as const;
  assert.equal(write(new NoteWriter([first, second]), notes), ',"p":[1,2,3],"pCnt":3');
});

test('any notes give what they would as plain objects, or nothing where there is no room', () => {
  const writer = new NoteWriter(paths);
  const note = fc.tuple(fc.nat({ max: fields.length - 1 }), fc.oneof(fc.string({ maxLength: 20 }), fc.integer(), fc.boolean()));
  fc.assert(
    fc.property(fc.array(note, { maxLength: 100 }), fc.nat({ max: 6000 }), (indexed, limit) => {
      const notes = indexed.map(([index, value]) => [fields[index] as SessionField, value] as const);
      const text = write(writer, notes);
      assert.ok(text !== undefined);
      const expected: Record<string, unknown> = {};
      for (const { field, path: name, count, utf8 } of paths) {
        const values = notes.filter(([each]) => each === field).map(([, value]) => value);
        if (values.length === 0) continue;
        const shown = values.map((value) => (utf8 || typeof value !== 'string' ? value : Buffer.from(value).toString('latin1')));
        const keys = name.split('.');
        const last = keys.pop() as string;
        let at = expected;
        for (const key of keys) {
          at[key] ??= {};
          at = at[key] as Record<string, unknown>;
        }
        at[last] = field.many ? shown : shown[0];
        if (count !== undefined) at[`${last}${count}`] = values.length;
      }
      assert.deepEqual(JSON.parse(`{${text.slice(1)}}`), expected);
      const tight = write(writer, notes, limit);
      if (tight !== undefined) assert.equal(tight, text);
      else assert.ok(Buffer.byteLength(text) * 2 + 600 > limit);
    }),
    { numRuns: 200, seed: 7 },
  );
});
