// SOCKS of all versions: what is asked for, the hand-over of the tunnel, refusals; any cut, damage, and the probe.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DONE, HANDOVER, Verdict } from '../../../src/decoders/contract.ts';
import { socksDecoder } from '../../../src/decoders/socks/index.ts';
import { assertCutInvariant, assertSurvives, c2s, play, type Step, s2c } from '../decoder-kit.ts';

const login: Step[] = [
  c2s('\x05\x03\x00\x01\x02', 1),
  s2c('\x05\x02', 2),
  c2s('\x01\x04User\x03pwd', 3),
  s2c('\x01\x00', 4),
  c2s('\x05\x01\x00\x03\x0bExample.COM\x01\xbb', 5),
  s2c('\x05\x00\x00\x01\x0a\x00\x00\x01\x12\x34after', 6),
  c2s('tunnel', 7),
];

interface Case {
  readonly script: readonly Step[];
  readonly notes: Record<string, unknown>;
  readonly verdict: number | undefined;
  readonly after?: readonly [string, string];
}

const cases: Record<string, Case> = {
  'version 5 with a login': {
    script: login,
    notes: { 'socks.user': ['User'], tags: ['socks:password'], 'socks.host': ['example.com'], 'socks.port': [443] },
    verdict: HANDOVER,
    after: ['tunnel', 'after'],
  },
  'version 5, an IPv6 address, the list of methods sent twice': {
    script: [
      c2s('\x05\x01\x00'),
      c2s('\x05\x01\x00'),
      s2c('\x05\x00'),
      c2s(`\x05\x01\x00\x04\x20\x01\x0d\xb8${'\0'.repeat(11)}\x01\x00\x50`),
      s2c('\x05\x00\x00\x03\x01a\x00\x00'),
    ],
    notes: { 'socks.ip': ['2001:db8::1'], 'socks.port': [80] },
    verdict: HANDOVER,
    after: ['', ''],
  },
  'version 5, everything at once': {
    script: [c2s('\x05\x01\x00\x05\x01\x00\x01\x0a\x00\x00\x02\x00\x50'), s2c('\x05\x00\x05\x00\x00\x01\0\0\0\0\0\0x')],
    notes: { 'socks.ip': ['10.0.0.2'], 'socks.port': [80] },
    verdict: HANDOVER,
    after: ['', 'x'],
  },
  'version 5, a wrong password': {
    script: [...login.slice(0, 3), s2c('\x01\x01')],
    notes: { 'socks.user': ['User'], tags: ['socks:password', 'socks:auth-failed'] },
    verdict: DONE,
  },
  'version 5, no method': { script: [c2s('\x05\x01\x02'), s2c('\x05\xff')], notes: {}, verdict: DONE },
  'version 5, refused': {
    script: [
      c2s('\x05\x01\x00'),
      s2c('\x05\x00'),
      c2s('\x05\x01\x00\x01\x0a\x00\x00\x02\x00\x50'),
      s2c('\x05\x05\x00\x01\0\0\0\0\0\0'),
    ],
    notes: { 'socks.ip': ['10.0.0.2'], 'socks.port': [80] },
    verdict: DONE,
  },
  'version 4': {
    script: [c2s('\x04\x01\x00\x50\x0a\x00\x00\x03me\0'), s2c('\x00\x5a\0\0\0\0\0\0SSH')],
    notes: { 'socks.user': ['me'], 'socks.ip': ['10.0.0.3'], 'socks.port': [80] },
    verdict: HANDOVER,
    after: ['', 'SSH'],
  },
  'version 4a': {
    script: [c2s('\x04\x01\x00\x19\x00\x00\x00\x01\0Mail.Example\0'), s2c('\x00\x5b\0\0\0\0\0\0')],
    notes: { 'socks.host': ['mail.example'], 'socks.port': [25] },
    verdict: DONE,
  },
  'bind is answered twice': {
    script: [c2s('\x04\x02\x00\x50\x0a\x00\x00\x03\0'), s2c('\x00\x5a\0\0\0\0\0\0'), s2c('\x00\x5a\0\0\0\0\0\0!')],
    notes: { 'socks.ip': ['10.0.0.3'], 'socks.port': [80] },
    verdict: HANDOVER,
    after: ['', '!'],
  },
};

for (const [name, { script, notes, verdict, after }] of Object.entries(cases)) {
  test(name, () => {
    const heard = play(socksDecoder, script);
    assert.deepEqual(Object.fromEntries(heard.notes), notes);
    assert.equal(heard.finalVerdict, verdict);
    if (after !== undefined) assert.deepEqual(heard.handedOver.map(String), after);
    assertCutInvariant(socksDecoder, script);
  });
}

test('nothing on the wire throws, and what is held is bounded', () => {
  assertSurvives(socksDecoder, login);
  const flood = Array.from({ length: 100 }, () => c2s('\x05'.repeat(1000)));
  assert.equal(play(socksDecoder, [c2s('\x05\x01\x00'), ...flood]).finalVerdict, DONE);
  assert.equal(play(socksDecoder, [c2s('\x05\x01\x00'), s2c('HTTP')]).finalVerdict, DONE);
});

test('probing', () => {
  const probe = (text: string): number => {
    const bytes = Buffer.from(`--${text}++`, 'latin1');
    return socksDecoder.probe(0, bytes, 2, bytes.length - 2);
  };
  assert.equal(probe('\x05'), Verdict.needMore);
  assert.equal(probe('\x05\x02\x00'), Verdict.needMore);
  assert.equal(probe('\x05\x02\x00\x02'), Verdict.certain);
  assert.equal(probe('\x05\x02\x00\x40'), Verdict.no);
  assert.equal(probe('\x05\x00\x0b\x03\x10'), Verdict.no);
  assert.equal(probe('\x05\x01\x00\x05\x01\x00'), Verdict.maybe);
  assert.equal(probe('\x04\x01\x00\x50\x0a\x00\x00\x01\0'), Verdict.certain);
  assert.equal(probe('\x04\x01\x00\x50\x0a\x00\x00\x01me'), Verdict.needMore);
  assert.equal(probe('\x04\x01\x00\x50\x0a\x00\x00\x01me\0more'), Verdict.no);
  assert.equal(probe('\x04\x09\x00\x50'), Verdict.no);
  assert.equal(probe('GET'), Verdict.no);
});
