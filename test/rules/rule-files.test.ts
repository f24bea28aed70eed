// Rules files: Arkime's own form in YAML, the same in TOML, values and lists, and problems with file and line.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type RuleProblem, readRuleFiles } from '../../src/rules/index.ts';
import { head, problemsOf, rule, writeRules } from './kit.ts';

const yaml = `---
# As Arkime's documentation has them.
version: 1
lists:
  mailers:
    - smtp.example
    - mail.example
rules:
  - name: "Keep little"
    when: "fieldSet"
    log: true
    fields:
      protocols:
        - acme
        - tcp
      "!host.acme,endsWith":
        - .example
      host.acme: \${mailers}
      port.dst:
        - 400-500
      port.dst:
        - \${port}
    ops:
      _maxPacketsToSave: ">20"
      "tags": "little-\${port}"
  - name: frames
    when: everyPacket
    bpf: "udp port \${port}"
    ops:
      -tags: x
`;

const toml = `version = 1
lists.mailers = ["smtp.example", "mail.example"]

[[rules]]
name = "Keep little"
when = "fieldSet"
log = true
[rules.fields]
protocols = ["acme", "tcp"]
"!host.acme,endsWith" = ".example"
host.acme = "\${mailers}"
port.dst = ["400-500", "\${port}"]
[rules.ops]
_maxPacketsToSave = ">20"
tags = "little-\${port}"

[[rules]]
name = "frames"
when = "everyPacket"
bpf = "udp port \${port}"
ops = { -tags = "x" }
`;

test('YAML as Arkime has it, and the same in TOML', (context) => {
  const problems: RuleProblem[] = [];
  const [first, second] = readRuleFiles([writeRules(context, yaml)], { port: 5300 }, problems);
  assert.deepEqual(problems, []);
  assert.deepEqual([first?.name, first?.when, first?.log, first?.bpf], ['Keep little', 'fieldSet', true, undefined]);
  assert.match(first?.where ?? '', /rules\.yaml:9$/);
  assert.deepEqual(
    first?.conditions.map(({ field, negated, match, values }) => [field, negated, match, values]),
    [
      ['protocols', false, 'is', ['acme', 'tcp']],
      ['host.acme', true, 'endsWith', ['.example']],
      ['host.acme', false, 'is', ['smtp.example', 'mail.example']],
      ['port.dst', false, 'is', ['400-500']],
      ['port.dst', false, 'is', ['5300']],
    ],
  );
  assert.deepEqual(
    first?.ops.map(({ field, removes, values }) => [field, removes, values]),
    [
      ['_maxPacketsToSave', false, ['>20']],
      ['tags', false, ['little-5300']],
    ],
  );
  assert.deepEqual([second?.bpf, second?.ops[0]?.removes, second?.log], ['udp port 5300', true, false]);

  const others = readRuleFiles([writeRules(context, toml, 'toml')], { port: 5300 }, problems);
  assert.deepEqual(problems, []);
  assert.deepEqual(
    others[0]?.ops.map(({ field, values }) => [field, values]),
    first?.ops.map(({ field, values }) => [field, values]),
  );
  assert.deepEqual(
    others[0]?.conditions.map(({ field, negated, match, values }) => [field, negated, match, values]),
    [
      ['protocols', false, 'is', ['acme', 'tcp']],
      ['host.acme', true, 'endsWith', ['.example']],
      ['host.acme', false, 'is', ['smtp.example', 'mail.example']],
      ['port.dst', false, 'is', ['400-500', '5300']],
    ],
  );
  assert.match(others[0]?.conditions[1]?.where ?? '', /rules\.toml:10$/);
  assert.match(others[1]?.where ?? '', /rules\.toml:17$/);
});

/** [text, the problem] */
const wrong: readonly (readonly [string, string])[] = [
  ['rules: []', 'rules.yaml:1: expected version: 1 at the top of the file'],
  ['version: 2\nrules: []', 'rules.yaml:1: expected version: 1 at the top of the file'],
  ['version: 1', 'rules.yaml:1: expected rules: a list of rules'],
  ['version: 1\nruls: []\nrules: []', 'rules.yaml:2: unknown key "ruls"; did you mean rules?'],
  ['version: 1\nrules: [', 'rules.yaml:2: this is not YAML'],
  [`${head}  - {when: fieldSet, fields: {protocols: x}, ops: {tags: x}}`, 'rules.yaml:3: a rule needs a name'],
  [`${head}  - {name: a, fields: {protocols: x}, ops: {tags: x}}`, 'rules.yaml:3: rule "a" does not say when'],
  [head + rule('fieldset', '{protocols: x}', '{tags: x}'), 'rules.yaml:4: there is no moment "fieldset"; did you mean fieldSet?'],
  [`${head}  - {name: a, when: fieldSet, ops: {tags: x}}`, 'rules.yaml:3: rule "a" needs either fields or bpf'],
  [
    head + rule('sessionSetup', '{protocols: x}', '{tags: x}', '    bpf: tcp\n'),
    'rules.yaml:3: rule "sessionSetup" needs either fields or bpf',
  ],
  [
    `${head}  - {name: a, when: fieldSet, bpf: tcp, ops: {tags: x}}`,
    'rules.yaml:3: rule "a": bpf goes with everyPacket and sessionSetup only',
  ],
  [head + rule('everyPacket', '{protocols: x}', '{tags: x}'), 'rules.yaml:3: rule "everyPacket": everyPacket goes with bpf only'],
  [`${head}  - {name: a, when: fieldSet, expression: x, ops: {tags: x}}`, 'rules.yaml:3: rule "a" has an expression'],
  [head + rule('fieldSet', '{protocols: x}', '{}'), 'rules.yaml:6: rule "fieldSet" has no ops'],
  [head + rule('fieldSet', '{}', '{tags: x}'), 'rules.yaml:5: fields names no field'],
  [head + rule('fieldSet', '{protocols: []}', '{tags: x}'), 'rules.yaml:5: protocols has no values'],
  [
    head + rule('fieldSet', '{"user,starts": x}', '{tags: x}'),
    'rules.yaml:5: "user,starts": there is no such modifier; did you mean startsWith?',
  ],
  [head + rule('fieldSet', '{nosuch: x}', '{tags: x}'), 'rules.yaml:5: rule "fieldSet": there is no field "nosuch"'],
  [
    head + rule('fieldSet', '{ip.src: 10.0.0}', '{tags: x}'),
    'rules.yaml:5: rule "fieldSet": ip.src: expected an address or a network',
  ],
  [
    head + rule('fieldSet', '{ip.src: 10.0.0.0/33}', '{tags: x}'),
    'rules.yaml:5: rule "fieldSet": ip.src: expected an address or a network',
  ],
  [
    head + rule('fieldSet', '{port.src: http}', '{tags: x}'),
    'rules.yaml:5: rule "fieldSet": port.src: expected a number or a range',
  ],
  [head + rule('fieldSet', '{port.src: 9-1}', '{tags: x}'), 'rules.yaml:5: rule "fieldSet": port.src: 9-1 is an empty range'],
  [head + rule('fieldSet', '{"port.src,contains": 9}', '{tags: x}'), 'rules.yaml:5: rule "fieldSet": port.src is no text'],
  [head + rule('fieldSet', '{protocols: x}', '{ip.src: 1.2.3.4}'), 'rules.yaml:6: rule "fieldSet": ip.src is what was captured'],
  [head + rule('fieldSet', '{protocols: x}', '{cert: x}'), 'rules.yaml:6: rule "fieldSet": cert holds whole objects'],
  [
    head + rule('fieldSet', '{protocols: x}', '{tagz: x}'),
    'rules.yaml:6: rule "fieldSet": there is no field "tagz"; did you mean tags?',
  ],
  [head + rule('fieldSet', '{protocols: x}', '{acme.code: x}'), 'rules.yaml:6: rule "fieldSet": acme.code: "x" is no value'],
  [
    head + rule('fieldSet', '{protocols: x}', '{_dropBySource: 1}'),
    'rules.yaml:6: rule "fieldSet": there is nothing to do named "_dropBySource"',
  ],
  [
    head + rule('fieldSet', '{protocols: x}', '{_dropBySrc: soon}'),
    'rules.yaml:6: rule "fieldSet": _dropBySrc: expected one number',
  ],
  [head + rule('fieldSet', '{protocols: x}', '{-_closeNow: 1}'), 'rules.yaml:6: rule "fieldSet": _closeNow: expected one number'],
  [head + rule('fieldSet', `{protocols: "\${who}"}`, '{tags: x}'), `rules.yaml:5: \${who} is neither in lists of this file`],
  [head + rule('fieldSet', '{protocols: x}', '{tags: x}', '    log: maybe\n'), 'rules.yaml:5: log is true or false'],
];

for (const [text, problem] of wrong) {
  test(problem, (context) => {
    const problems = problemsOf(context, text);
    assert.ok(problems[0]?.startsWith(problem), problems.join('\n'));
    assert.equal(problems.length, 1, problems.join('\n'));
  });
}

test('several problems come in one go, and a file that is not there is one', (context) => {
  const text = head + rule('fieldSet', '{nosuch: x}', '{tagz: x}') + rule('never', '{protocols: x}', '{tags: x}');
  assert.equal(problemsOf(context, text).length, 3);
  assert.match(problemsOf(context, 'version = 1\nrules = [', {}, 'toml')[0] ?? '', /^rules.toml:\d+: this is not TOML/);
  const problems: RuleProblem[] = [];
  assert.deepEqual(readRuleFiles(['/nonexistent/rules.yaml'], {}, problems), []);
  assert.equal(problems[0]?.message, 'no such file or directory');
});

test('a file with aliases within aliases ends', (context) => {
  const levels = Array.from(
    { length: 12 },
    (_, level) => `  l${level + 1}: &l${level + 1} [${Array(9).fill(`*l${level}`).join(', ')}]`,
  );
  const problems = problemsOf(context, `version: 1\nlists:\n  l0: &l0 [x]\n${levels.join('\n')}\nrules: []\n`);
  assert.match(problems[0] ?? '', /the file holds too much/);
});
