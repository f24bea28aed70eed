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
  'version 5, the payload before it is asked for': {
    script: [
      c2s('\x05\x01\x00', 1),
      c2s('\x05\x01\x00\x01\x0a\x00\x00\x02\x00\x50GET /', 2),
      s2c('\x05\x00', 3),
      c2s(' HTTP/1.1', 4),
      s2c('\x05\x00\x00\x01\0\0\0\0\0\0', 5),
      c2s('\r\n', 6),
    ],
    notes: { 'socks.ip': ['10.0.0.2'], 'socks.port': [80] },
    verdict: HANDOVER,
    after: ['GET / HTTP/1.1\r\n', ''],
  },
  'version 4, the payload with the request': {
    script: [c2s('\x04\x01\x00\x50\x0a\x00\x00\x03\0GET /'), c2s(' HTTP'), s2c('\x00\x5a\0\0\0\0\0\0HTTP')],
    notes: { 'socks.ip': ['10.0.0.3'], 'socks.port': [80] },
    verdict: HANDOVER,
    after: ['GET / HTTP', 'HTTP'],
  },
  'version 4, refused with a payload': {
    script: [c2s('\x04\x01\x00\x50\x0a\x00\x00\x03\0GET /'), s2c('\x00\x5b\0\0\0\0\0\0')],
    notes: { 'socks.ip': ['10.0.0.3'], 'socks.port': [80] },
    verdict: DONE,
    after: ['', ''],
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
  assert.equal(play(socksDecoder, [c2s('\x05\x01\x00'), ...flood, s2c('\x05\x02')]).finalVerdict, DONE);
  assert.equal(play(socksDecoder, [c2s('\x05\x01\x00'), s2c('HTTP')]).finalVerdict, DONE);
});

test('of what comes too early a bounded part is held, and the rest is counted', () => {
  const payload = Array.from({ length: 5 }, (_, index) => c2s(String(index).repeat(1000)));
  const request = c2s('\x04\x01\x00\x50\x0a\x00\x00\x03\0');
  const script = [request, ...payload, s2c('\x00\x5a\0\0\0\0\0\0'), c2s('more')];
  const options = { options: { max_early_bytes: 1476 } };
  const heard = play(socksDecoder, script, options);
  assert.equal(heard.finalVerdict, HANDOVER);
  const held = `${'0'.repeat(1000)}${'1'.repeat(1000)}${'2'.repeat(500)}`;
  assert.deepEqual(heard.handedOver.map(String), [`${held}more`, '']);
  assert.equal(heard.handedOverMissing, 2500);
  // However the stream was cut.
  const whole = Buffer.concat([request, ...payload].map((step) => ('bytes' in step ? step.bytes : Buffer.alloc(0))));
  const atOnce = play(socksDecoder, [c2s(whole), ...script.slice(-2)], options);
  assert.deepEqual([atOnce.handedOver, atOnce.handedOverMissing], [heard.handedOver, 2500]);
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
  assert.equal(probe('\x04\x01\x00\x50\x0a\x00\x00\x01me\0more'), Verdict.faint);
  assert.equal(probe('\x04\x01\x00\x50\0\0\0\x01\0mail.example\0EHLO'), Verdict.maybe);
  assert.equal(probe('\x04\x01\x00\x50\0\0\0\x01\0ma il.example\0EHLO'), Verdict.faint);
  assert.equal(probe('\x04\x01\x00\x50\0\0\0\x01\0\0EHLO'), Verdict.faint);
  assert.equal(probe('\x04\x09\x00\x50'), Verdict.no);
  assert.equal(probe('GET'), Verdict.no);
});
