import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { plainCode } from '../../tools/plain-code.ts';

/** The plain form, after both forms have come to the same value. */
function plain(code: string): string {
  const made = plainCode(code);
  const resultOf = (source: string): unknown => JSON.parse(runInNewContext(`(() => {${source}\n})()`) as string);
  const ends = (source: string): string => `${source}\nreturn JSON.stringify(result);`;
  assert.deepEqual(resultOf(ends(made)), resultOf(ends(code)), made);
  const lines = code.split('\n');
  for (const [index, line] of made.split('\n').entries()) {
    const grown = line.startsWith('const ') && lines[index]?.startsWith('var ') ? 2 : 0;
    assert.equal(line.length, (lines[index] as string).length + grown, 'nothing moves');
  }
  return made;
}

test('numbers stand where their names are used', () => {
  const made = plain(
    'const limit = 64;\nconst Slot = { state: 12, none: -1 };\nconst result = [limit + 1, Slot.state, 2 ** Slot.none, -limit];',
  );
  assert.match(made, /\[64 +\+ 1, 12 +, 2 \*\* \(-1\) +, -64 +\]/);
});

test('what could mean something else stays', () => {
  for (const [code, kept] of [
    ['const limit = 64;\nconst result = [limit.toFixed(1)];', 'limit.toFixed'],
    ['const limit = 64;\nconst result = [1].map((limit) => limit + 1);', '=> limit + 1'],
    ['const limit = 64;\nconst result = { limit };', '{ limit }'],
    ['const limit = 64;\nconst result = { limit: 1 }.limit;', '.limit'],
    ['const limit = 64;\nconst f = ({ limit }) => limit;\nconst result = f({ limit: 2 });', '=> limit'],
    ['const Count = { of: 1 };\nCount.of = 2;\nconst result = Count.of;', '= Count.of;'],
    ['const count = { of: 1 };\n((each) => { each.of = 2; })(count);\nconst result = count.of;', '= count.of;'],
    ['const Mixed = { of: 1, by: "x" };\nconst result = [Mixed.of, Mixed["of"]];', '[Mixed.of, Mixed["of"]]'],
    ['const a = 1234567;\nconst result = a;', '= a;'],
    ['let limit = 64;\nlimit = 65;\nconst result = limit;', '= limit;'],
  ] as const)
    assert.ok(plain(code).includes(kept), code);
});

test('private members are properties', () => {
  const made = plain(
    'var Counter = class {\n\t#count;\n\tstatic #made = 0;\n\tconstructor() {\n\t\tthis.#count = 1;\n\t\tCounter.#made += 1;\n\t}\n' +
      '\t#add() {\n\t\treturn ++this.#count;\n\t}\n\tnext() {\n\t\treturn this.#add() + Counter.#made;\n\t}\n};\nconst result = [new Counter().next()];',
  );
  assert.ok(!made.includes('#'), made);
  assert.ok(made.startsWith('const Counter = class {'));
});

test('private members stay where a property would be another one', () => {
  for (const code of [
    'var A = class { #own = 1; a() { return this.#own; } };\nvar B = class extends A { #own = 2; b() { return this.#own; } };\nconst result = [new B().a(), new B().b()];',
    'var A = class { #own = 1; is(x) { return #own in x; } };\nconst result = [new A().is({ $own: 1 }), new A().is(new A())];',
    'var A = class { #own = 1; a(x) { return this.#own + x.$own; } };\nconst result = new A().a({ $own: 5 });',
  ])
    assert.ok(plain(code).includes('#own'), code);
});

test('members of our own classes are not declared before they are set, those of packages are', () => {
  const made = plain(
    '// src/a.ts\nvar A = class {\n\tset;\n\tconstructor() {\n\t\tthis.set = 1;\n\t}\n};\n// node_modules/b/index.js\n' +
      'var B = class {\n\tunset;\n};\nconst result = [Object.keys(new A()), Object.keys(new B())];',
  );
  assert.ok(!made.includes('\tset;') && made.includes('\tunset;'));
});
