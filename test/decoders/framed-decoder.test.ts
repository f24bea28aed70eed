import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Type } from 'typebox';
import {
  type DecoderContext,
  type DecoderDefinition,
  type Direction,
  DONE,
  HANDOVER,
  Verdict,
} from '../../src/decoders/contract.ts';
import { FramedDecoder, needMoreBytes, noMessage } from '../../src/decoders/framed-decoder.ts';
import { collected } from '../../src/decoders/session-field.ts';
import { defineAnomalies } from '../../src/record/index.ts';
import { assertCutInvariant, assertSurvives, c2s, play, s2c } from './decoder-kit.ts';

const seen = collected('keyword', 'toy.message', 'Messages.', { path: 'toy.message' });

const anomalies = defineAnomalies('toy', { lost: 'Lost.' });

const options = { stop: 'stop', search: 'search', ignore: undefined } as const;

/** `#`, a length of two digits, and as many bytes. */
class ToyDecoder extends FramedDecoder {
  constructor(context: DecoderContext, action: keyof typeof options) {
    const chosen = options[action];
    super(context, 40, chosen && { action: chosen, anomaly: anomalies.lost });
  }

  protected lengthAt(_direction: Direction, bytes: Buffer, at: number, to: number): number {
    if (bytes[at] !== 0x23) return noMessage;
    if (to - at < 3) return needMoreBytes;
    const text = bytes.toString('latin1', at + 1, at + 3);
    return /^\d\d$/.test(text) ? 3 + Number(text) : noMessage;
  }

  protected message(direction: Direction, bytes: Buffer, from: number, to: number, length: number): number {
    const cut = length > to - from ? ` of ${length}` : '';
    this.context.note(seen, `${direction} ${bytes.toString('latin1', from, to)}${cut}`);
    const text = bytes.toString('latin1', from + 3, to);
    return text === 'stop' ? DONE : text === 'over' ? HANDOVER : 0;
  }

  protected override unfinished(direction: Direction, bytes: Buffer, from: number, to: number): void {
    this.context.note(seen, `${direction} ${bytes.toString('latin1', from, to)}…`);
  }
}

function toy(action: keyof typeof options): DecoderDefinition {
  return {
    ...{ name: 'toy', title: 'Toy', transports: ['tcp'], ports: [], records: [], sessionFields: [seen], anomalies: [] },
    options: Type.Object({}),
    probe: () => Verdict.no,
    create: (context) => new ToyDecoder(context, action),
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

test('without an action a direction is left alone where it is lost, the other is read on', () => {
  const script = [c2s('#02ab??#01x'), s2c('#03abc'), s2c('#05un')];
  assert.deepEqual(heard(toy('ignore'), script), ['0 #02ab', '1 #03abc', '1 #05un…']);
  assertCutInvariant(toy('ignore'), script);
  const holed = [c2s('#01a'), { direction: 0, gap: 3, timeUs: 0 } as const, c2s('#01b'), s2c('#01c')];
  assert.deepEqual(heard(toy('ignore'), holed), ['0 #01a', '1 #01c']);
});

test('a message hands over what follows it, however it was cut', () => {
  for (const steps of [[c2s('#04overrest')], [c2s('#04o'), c2s('verrest')]]) {
    const { handedOver, heir } = play(toy('stop'), steps);
    assert.deepEqual([handedOver[0].toString(), heir], ['rest', '']);
  }
});
