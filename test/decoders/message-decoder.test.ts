import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Type } from 'typebox';
import { type DecoderDefinition, DONE, Verdict } from '../../src/decoders/contract.ts';
import { Framing, MessageDecoder, type MessageFraming } from '../../src/decoders/message-decoder.ts';
import { collected } from '../../src/decoders/session-field.ts';
import { defineAnomalies } from '../../src/record/index.ts';
import { assertCutInvariant, assertSurvives, c2s, play, s2c } from './decoder-kit.ts';

const seen = collected('keyword', 'toy.message', 'Messages.', { path: 'toy.message' });

const anomalies = defineAnomalies('toy', { lost: 'Lost.' });

/** `#`, a length of two digits, and as many bytes. */
function toy(whenLost: MessageFraming['whenLost'], mostBytes = 40): DecoderDefinition {
  const framing: MessageFraming = {
    lost: anomalies.lost,
    mostBytes,
    whenLost,
    length(bytes, from, to) {
      if (bytes[from] !== 0x23) return Framing.lost;
      if (to - from < 3) return Framing.more;
      const text = bytes.toString('latin1', from + 1, from + 3);
      return /^\d\d$/.test(text) ? 3 + Number(text) : Framing.lost;
    },
  };
  return {
    ...{ name: 'toy', title: 'Toy', transports: ['tcp'], ports: [], records: [], sessionFields: [seen], anomalies: [] },
    options: Type.Object({}),
    probe: () => Verdict.no,
    create: (context) =>
      new MessageDecoder(context, framing, {
        message(noting, direction, bytes, from, to, length) {
          noting.note(seen, `${direction} ${bytes.toString('latin1', from, to)}${length > to - from ? ` of ${length}` : ''}`);
          return bytes.toString('latin1', from + 3, to) !== 'stop';
        },
      }),
  };
}

const heard = (definition: DecoderDefinition, steps: Parameters<typeof play>[1]): unknown =>
  play(definition, steps).notes.get('toy.message');

test('messages are found in any cut, and long ones are read up to their bound', () => {
  const script = [c2s(`#05hello#00#60${'x'.repeat(60)}#02ab`), s2c('#03abc'), c2s('#01z')];
  const expected = ['0 #05hello', '0 #00', `0 #60${'x'.repeat(37)} of 63`, '0 #02ab', '1 #03abc', '0 #01z'];
  assert.deepEqual(heard(toy('stop'), script), expected);
  assertCutInvariant(toy('stop'), script);
  assertSurvives(toy('stop'), script);
});

test('where no message begins it stops, or searches', () => {
  const script = [c2s('#02ab??#0#01x#??#1#02cd')];
  assert.deepEqual(heard(toy('stop'), script), ['0 #02ab']);
  assert.equal(play(toy('stop'), script).finalVerdict, DONE);
  assert.equal(play(toy('stop'), script).anomalies.get('toy.lost'), 1);
  assert.equal(play(toy('search'), script).anomalies.get('toy.lost'), 2);
  assert.deepEqual(heard(toy('search'), script), ['0 #02ab', '0 #01x', '0 #02cd']);
  assertCutInvariant(toy('stop'), script);
  assertCutInvariant(toy('search'), script);
  assertSurvives(toy('search'), script);
});

test('the reader may stop it; a hole loses what was held', () => {
  assert.deepEqual(heard(toy('stop'), [c2s('#04stop#01a')]), ['0 #04stop']);
  const holed = [c2s('#05ab'), { direction: 0, gap: 3, timeUs: 0 } as const, c2s('#01a')];
  assert.deepEqual(heard(toy('search'), holed), ['0 #01a']);
  assert.equal(heard(toy('stop'), holed), undefined);
});
