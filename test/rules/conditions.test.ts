// What conditions of rules can ask: each operator, on facts, on what decoders noted, on tags and protocols.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { head, rule, ruled } from './kit.ts';

const server = { src: '10.0.0.2', dst: '10.0.0.1', sport: 80, dport: 40_000 };

/** [fields, whether they hold] for a conversation from 10.0.0.1:40000 to 10.0.0.2:80. */
const cases: readonly (readonly [string, boolean])[] = [
  ['{ip.src: 10.0.0.1}', true],
  ['{ip.src: 10.0.0.0/24}', true],
  ['{ip.dst: [192.168.0.0/16, 10.0.0.2]}', true],
  ['{ip.dst: 10.0.0.1}', false],
  ['{ip: 10.0.0.2}', true],
  ['{source.ip: ipv4}', true],
  ['{ip.src: [ipv6, "2001:db8::/32"]}', false],
  ['{"!ip.src": 10.0.0.0/8}', false],
  ['{"!ip.src": 11.0.0.0/8}', true],
  ['{port.dst: 80}', true],
  ['{port.dst: [1-79, 81-90]}', false],
  ['{port.dst: 79-81, port.src: 40000}', true],
  ['{port.dst: 80, port.src: 1}', false],
  ['{port: 40000}', true],
  ['{ip.protocol: tcp}', true],
  ['{ip.protocol: [17, 6]}', true],
  ['{packets.src: 2, packets.dst: 1, packets: 3}', true],
  ['{"!packets.dst": 1}', false],
  ['{databytes.src: 1-1000, databytes.dst: 0}', true],
  ['{source.packets: 2}', true],
  ['{bytes.src: 0}', false],
  ['{tcpflags.syn: 1}', true],
  ['{tcpflags.rst: 0}', true],
  ['{tcp.synSet: 3}', true],
  ['{mac.src: "02:00:00:00:00:01"}', true],
  ['{ttl.src: 64}', true],
  ['{protocols: acme}', true],
  ['{protocols: [tcp]}', true],
  ['{protocols.cnt: 2}', true],
  ['{"!protocols": [http, dns]}', true],
  ['{"!protocols": [http, acme]}', false],
  ['{host.acme: WWW.Example.COM}', true],
  ['{acme.host: www.example.com}', true],
  ['{acme.hostName: www.example.org}', false],
  ['{"host.acme,endsWith": .com}', true],
  ['{"host.acme,tail": [.org, .edu]}', false],
  ['{"host.acme,startsWith": WWW.}', true],
  ['{"host.acme,head": ftp}', false],
  ['{"host.acme,contains": exam}', true],
  ['{"host.acme": nobody, "host.acme,contains": exam}', true],
  ['{host.acme.cnt: 2}', true],
  ['{acme.code: 200}', true],
  ['{acme.code: 300-399}', false],
  ['{"!acme.code": 300-399}', true],
  ['{acme.sum: 12}', true],
  ['{acme.ip: "2001:db8::/32"}', true],
  ['{acme.ip: "2001:db9::/32"}', false],
  ['{cert.issuer.cn: Some CA}', true],
  ['{cert.alt: b.example}', true],
  ['{cert.issuerCN: Another CA}', false],
  ['{user: Root}', true],
  ['{tags: nosuch}', false],
];

for (const [fields, expected] of cases) {
  test(`${fields} ${expected ? 'holds' : 'does not hold'}`, (context) => {
    const kit = ruled(context, head + rule('beforeFinalSave', fields, '{tags: hit}'));
    const lines = [
      'host=www.example.com',
      'host=mail.example.net',
      'code=200',
      'sum=5',
      'sum=7',
      'ip=2001:db8::7',
      'user=root',
      'cert={"issuerCN":["Some CA"],"alt":["a.example","b.example"]}',
    ];
    kit.send(
      { flags: 'S', seq: 0 },
      { ...server, flags: 'SA', seq: 0, ack: 1 },
      { flags: 'PA', seq: 1, ack: 1, data: lines.join('\n') },
    );
    assert.deepEqual(kit.end()[0]?.tags, expected ? ['hit'] : []);
  });
}

test('a rule on fields acts as soon as all of them hold, once, and what it sets counts for others', (context) => {
  const kit = ruled(
    context,
    head +
      rule('fieldSet', '{host.acme: a, acme.code: 7}', '{tags: first}', '    log: true\n') +
      rule('fieldSet', '{tags: first}', '{protocols: second, user: BOB}') +
      rule('fieldSet', '{protocols: second, protocols.cnt: 3}', '{tags: third}') +
      rule('fieldSet', '{tags: [loop, third]}', '{tags: loop}'),
  );
  kit.send({ flags: 'S' }, { flags: 'PA', seq: 1, data: 'host=a\n' });
  assert.equal(kit.count('rule_matches'), 0);
  kit.send({ flags: 'PA', seq: 8, data: 'code=7\nhost=b\nhost=a\n' }, { flags: 'PA', seq: 29, data: 'code=8' });
  const [session] = kit.end();
  assert.deepEqual(session?.tags, ['first', 'third', 'loop']);
  assert.deepEqual([session?.user, session?.protocols], [['bob'], ['acme', 'second']]);
  assert.equal(kit.count('rule_matches'), 4);
  assert.match(kit.log.join(), /^rule "fieldSet" \(rules.yaml:3\): 10.0.0.1:40000 → 10.0.0.2:80, session \w+$/);
});

test('rules that wait for addresses and ports act with the first packet', (context) => {
  const kit = ruled(context, head + rule('fieldSet', '{ip.src: 10.0.0.1, port.dst: 53}', '{tags: early}'));
  kit.send({ protocol: 17, dport: 53, data: 'x' }, { protocol: 17, dport: 54, data: 'x' });
  assert.equal(kit.count('rule_matches'), 1);
  assert.deepEqual(
    kit.end().map(({ tags }) => tags),
    [['early'], []],
  );
});

test('each moment is its own', (context) => {
  const all = ['sessionSetup', 'afterClassify', 'beforeMiddleSave', 'beforeFinalSave', 'beforeBothSave'];
  const kit = ruled(context, head + all.map((when) => rule(when, '{ip.src: 10.0.0.1}', `{tags: ${when}}`)).join(''), {
    save_packets: 2,
  });
  kit.send({ flags: 'S' });
  assert.equal(kit.count('rule_matches'), 1);
  kit.send({ flags: 'PA', seq: 1, data: 'host=a' });
  assert.equal(kit.count('rule_matches'), 2);
  kit.send({ flags: 'PA', seq: 7, data: 'host=b' }, { flags: 'PA', seq: 13, data: 'host=b' });
  const [part, final] = kit.end();
  assert.deepEqual(part?.tags, ['sessionSetup', 'afterClassify', 'beforeMiddleSave', 'beforeBothSave']);
  assert.ok(final?.tags.includes('beforeFinalSave'));
});

test('afterClassify knows the protocol', (context) => {
  const kit = ruled(context, head + rule('afterClassify', '{protocols: acme}', '{tags: known}'));
  kit.send({ flags: 'S' });
  kit.send({ flags: 'PA', seq: 1, data: 'host=a' });
  assert.equal(kit.count('rule_matches'), 1);
  assert.deepEqual(kit.end()[0]?.tags, ['known']);
});

test('bpf rules go by the marks of packets', (context) => {
  const bpf = (when: string, expression: string, tag: string): string =>
    `  - {name: ${tag}, when: ${when}, bpf: "${expression}", ops: {tags: ${tag}}}\n`;
  const kit = ruled(
    context,
    head + bpf('sessionSetup', 'tcp', 'set-up') + bpf('everyPacket', 'udp', 'each') + bpf('everyPacket', 'tcp', 'all'),
  );
  const plain = (seq: number, marks: number) => ({ flags: 'A', seq, marks });
  kit.send(plain(0, 0), plain(0, 0), plain(0, 1), plain(0, 2), plain(0, 0));
  assert.equal(kit.count('rule_matches'), 2);
  assert.deepEqual(kit.end()[0]?.tags, ['all', 'each']);
});
