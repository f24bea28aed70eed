// What rules do: fields, tags and protocols set and removed, and everything whose name begins with an underscore.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { head, rule, ruled } from './kit.ts';

const server = { src: '10.0.0.2', dst: '10.0.0.1', sport: 80, dport: 40_000 };
const syn = { flags: 'S' };
const any = '{ip.protocol: tcp}';

test('values are added, taken away, and of single fields replaced', (context) => {
  const kit = ruled(
    context,
    head +
      rule('fieldSet', '{host.acme: go}', '{tags: [a, b, c], acme.size: 10, acme.code: [1, 2], user: [ANN, Bob], protocols: x}') +
      rule('beforeFinalSave', any, '{-tags: b, acme.size: "max 5", -acme.code: "*", -user: Ann, -protocols: acme}') +
      rule('beforeFinalSave', any, '{acme.size: ">20"}') +
      rule('beforeFinalSave', any, '{acme.size: "<19"}') +
      rule('beforeFinalSave', any, '{acme.size: "min 50"}'),
  );
  kit.send(syn, { flags: 'PA', seq: 1, data: 'size=3\nhost=go\n' });
  const [session] = kit.end();
  assert.deepEqual(session?.tags, ['a', 'c']);
  assert.deepEqual([session?.size, session?.code, session?.user], [[19], [], ['bob']]);
  assert.deepEqual(session?.protocols, ['x']);
});

test('_dontSaveSPI: nothing of the session is written', (context) => {
  const kit = ruled(
    context,
    head + rule('beforeFinalSave', '{packets.src: 1, packets.dst: 0, tcpflags.syn: 1}', '{_dontSaveSPI: 1}'),
  );
  kit.send(syn, { ...syn, sport: 2 }, { ...server, dport: 2, flags: 'SA', ack: 1 });
  assert.deepEqual(
    kit.end().map(({ source }) => source),
    ['10.0.0.1:2'],
  );
  assert.equal(kit.count('rule_hidden_sessions'), 1);
});

test('_minPacketsBeforeSavingSPI: short sessions are not written', (context) => {
  const kit = ruled(
    context,
    head +
      rule('sessionSetup', any, '{_minPacketsBeforeSavingSPI: 3}') +
      rule('sessionSetup', any, '{_minPacketsBeforeSavingSPI: ">2"}'),
  );
  for (const [sport, count] of [1, 2, 3, 4].entries())
    for (let index = 0; index < count; index += 1) kit.send({ flags: 'S', sport: sport + 1 });
  assert.deepEqual(
    kit.end().map(({ source }) => source),
    ['10.0.0.1:3', '10.0.0.1:4'],
  );
});

test('_maxPacketsToSave: bounds what is kept, and says so', (context) => {
  const kit = ruled(
    context,
    head +
      rule('sessionSetup', '{port.src: 1}', '{_maxPacketsToSave: 2}') +
      rule('sessionSetup', '{port.src: 1}', '{_maxPacketsToSave: "max 1"}') +
      rule('sessionSetup', '{port.src: 2}', '{_maxPacketsToSave: "min 9"}') +
      rule('sessionSetup', '{port.src: 3}', '{_maxPacketsToSave: ">9"}'),
  );
  kit.send({ flags: 'S', sport: 1 }, { flags: 'S', sport: 2 }, { flags: 'S', sport: 3 });
  assert.deepEqual(
    [0, 1, 2].map((slot) => kit.tracker.keeps(slot)),
    [2, 9, Number.POSITIVE_INFINITY],
  );
  kit.send({ flags: 'A', sport: 1, seq: 1 }, { flags: 'A', sport: 1, seq: 1 });
});

test('_closeNow: the session ends with the packet, the next one begins another', (context) => {
  const kit = ruled(context, head + rule('fieldSet', '{host.acme: bye}', '{_closeNow: 1}'));
  kit.send(syn, { flags: 'PA', seq: 1, data: 'host=bye' });
  assert.equal(kit.engine.size, 0);
  assert.equal(kit.count('closed_rule_sessions'), 1);
  kit.send({ flags: 'A', seq: 9 });
  assert.deepEqual(
    kit.end().map(({ end }) => end),
    ['rule', 'stopped'],
  );
});

test('_flipSrcDst: the record has its sides the other way round', (context) => {
  const kit = ruled(context, head + rule('beforeBothSave', '{port.src: 80, tcp.synSet: 0}', '{_flipSrcDst: 1, tags: flipped}'), {
    save_packets: 3,
  });
  const answer = { ...server, flags: 'PA', data: 'code=1' };
  kit.send({ ...answer, seq: 1 }, { flags: 'A', ack: 7 }, { ...answer, seq: 7 }, { ...answer, seq: 13 });
  kit.engine.finish();
  assert.deepEqual(
    kit.sessions.map(({ source, destination, packets, payload }) => [source, destination, packets, payload]),
    [
      ['10.0.0.1:40000', '10.0.0.2:80', [1, 2], [0, 12]],
      ['10.0.0.1:40000', '10.0.0.2:80', [0, 1], [0, 6]],
    ],
  );
});

for (const [op, dropped] of [
  ['_dropBySrc', [true, true, false]],
  ['_dropByDst', [true, false, true]],
  ['_dropBySession', [true, false, false]],
] as const) {
  for (const addresses of [
    ['10.0.0.1', '10.0.0.2', '10.0.0.3'],
    ['2001:db8::1', '2001:db8::2', '2001:db8::3'],
  ] as const) {
    test(`${op}: packets are passed over for so many minutes, ${addresses[0]}`, (context) => {
      const [src, dst, third] = addresses;
      const kit = ruled(context, head + rule('sessionSetup', '{port.src: 7}', `{${op}: 2}`));
      const first = { src, dst, sport: 7, dport: 9, flags: 'A' };
      kit.send({ ...first, ms: 0 });
      const others = [
        { ...first, ms: 1000 },
        { ...first, dst: third, ms: 1000 },
        { ...first, src: third, sport: 8, ms: 1000 },
      ];
      for (const [index, packet] of others.entries()) {
        const before = kit.count('rule_passed_packets');
        kit.send(packet);
        assert.equal(kit.count('rule_passed_packets') - before, dropped[index] ? 1 : 0, `${index}`);
      }
      const answer = { src: dst, dst: src, sport: 9, dport: 7, flags: 'A', ms: 2000 };
      const before = kit.count('rule_passed_packets');
      kit.send(answer);
      assert.equal(kit.count('rule_passed_packets') - before, 1);
      kit.send({ ...answer, ms: 125_000 });
      assert.equal(kit.count('rule_passed_packets') - before, 1);
    });
  }
}

test('_dontCheckYara is nothing to do', (context) => {
  const kit = ruled(context, head + rule('sessionSetup', any, '{_dontCheckYara: 1}'));
  kit.send(syn);
  assert.equal(kit.end().length, 1);
});
