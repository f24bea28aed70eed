import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Verdict } from '../../../src/decoders/contract.ts';
import { assertCutInvariant, assertSurvives, c2s, play, s2c, swapped } from '../../decoders/decoder-kit.ts';
import { memcachedDecoder } from './index.ts';

const script = [
  c2s('set user:7 0 300 5\r\nhello\r\n', 1000),
  s2c('STORED\r\n', 1500),
  // Pipelined; what looks like a reply inside a value is a value.
  c2s('get user:7 user:8\r\nincr hits 1\r\ndelete nothing\r\n', 2000),
  s2c('VALUE user:7 0 5\r\nEND\r\n\r\n', 2400),
  s2c('VALUE user:8 0 0\r\n\r\nEND\r\n8\r\nNOT_FOUND\r\n', 2500),
  c2s('set log 0 0 3 noreply\r\nabc\r\nget late\r\n', 3000),
];

const shown = (steps: typeof script): string[] =>
  play(memcachedDecoder, steps).records.map(({ timeUs, fields: f }) =>
    [timeUs, f['memcached.command'], f['memcached.key'], f['memcached.reply'] ?? '-', f['memcached.outcome']].join(' '),
  );

test('commands meet their replies', () => {
  assert.deepEqual(shown(script), [
    '1000 set user:7 STORED success',
    '2000 get user:7 END success',
    '2000 incr hits 8 success',
    '2000 delete nothing NOT_FOUND failure',
    '3000 set log - unanswered',
    '3000 get late - unanswered',
  ]);
  assert.equal(play(memcachedDecoder, script).records[1]?.fields['memcached.hits'], 2);
  assert.deepEqual([...play(memcachedDecoder, script).notes], [['memcached.command', ['set', 'get', 'incr', 'delete']]]);
});

test('any cut gives the same records', () => assertCutInvariant(memcachedDecoder, script));

test('nothing on the wire throws', () => assertSurvives(memcachedDecoder, script));

test('a session taken the wrong way round gives the same records', () => {
  assert.deepEqual(shown(swapped(script) as typeof script), shown(script));
});

test('a hole ends it; one inside a block does not', () => {
  const get = c2s('get a\r\n', 1000);
  const holed = play(memcachedDecoder, [get, { direction: 1, gap: 3, timeUs: 2000 }, s2c('END\r\n', 3000)]);
  assert.deepEqual(
    holed.records.map(({ fields }) => fields['memcached.outcome']),
    ['truncated'],
  );
  const inside = [get, s2c('VALUE a 0 100\r\n', 2000), { direction: 1, gap: 102, timeUs: 2000 } as const, s2c('END\r\n', 3000)];
  assert.deepEqual(
    play(memcachedDecoder, inside).records.map(({ fields }) => fields['memcached.returned_bytes']),
    [100],
  );
});

test('what is wrong is said, and bounded', () => {
  const heard = (...texts: string[]): string[] => [
    ...play(
      memcachedDecoder,
      texts.map((text) => c2s(text)),
      { options: { max_pending: 2 } },
    ).anomalies.keys(),
  ];
  assert.deepEqual(heard('x'.repeat(5000)), ['memcached.line_too_long']);
  assert.deepEqual(heard('set a 0 0 many\r\n'), ['memcached.bad_length']);
  assert.deepEqual(heard('get a\r\nget b\r\nget c\r\n'), ['memcached.too_many_pending']);
  const unasked = play(memcachedDecoder, [s2c('STORED\r\n')]);
  assert.deepEqual([...unasked.anomalies.keys()], ['memcached.unexpected_reply']);
});

test('probing: sure of nothing, patient with halves', () => {
  const probe = (text: string): number => memcachedDecoder.probe(0, Buffer.from(`--${text}`), 2, 2 + text.length);
  assert.equal(probe('get a\r\n'), Verdict.maybe);
  assert.equal(probe('ge'), Verdict.needMore);
  assert.equal(probe('GET / HTTP/1.1\r\n'), Verdict.no);
});
