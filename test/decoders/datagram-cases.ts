// For protocols of datagrams: cases of datagrams and what is noted of them, and what must hold of every such decoder. Used
// by their tests.

import assert from 'node:assert/strict';
import { type DecoderDefinition, type Direction, transportIndex } from '../../src/decoders/index.ts';
import { Recognizer } from '../../src/decoders/recognition.ts';
import { assertSurvives, play, type Step } from './decoder-kit.ts';

export interface DatagramCase {
  readonly what: string;
  /** Datagrams as hex, blanks allowed, the client's first; those that begin with `<` are the server's. */
  readonly datagrams: readonly string[];
  /** Notes by field, as in the ECS record. */
  readonly notes: Readonly<Record<string, readonly (string | number)[]>>;
  readonly protocols?: readonly string[];
  /** False: recognition does not take the first datagram on the decoder's port. */
  readonly recognised?: boolean;
}

export function stepsOf(datagrams: readonly string[]): Step[] {
  return datagrams.map((text, index) => ({
    direction: (text.startsWith('<') ? 1 : 0) as Direction,
    bytes: Buffer.from(text.replace(/[<\s]/g, ''), 'hex'),
    timeUs: 1000 + index,
  }));
}

/** Hex of text. */
export const hex = (text: string): string => Buffer.from(text, 'latin1').toString('hex');

/** Plays the cases; then each of them shortened at every byte, and random bytes, of which nothing may throw. */
export function assertDatagrams(definition: DecoderDefinition, cases: readonly DatagramCase[]): void {
  const port = definition.ports[0] as number;
  const recognizer = new Recognizer([{ definition, options: {} }]);
  for (const { what, datagrams, notes, protocols, recognised } of cases) {
    const steps = stepsOf(datagrams);
    const heard = play(definition, steps, { transport: 'udp', serverPort: port });
    assert.deepEqual(Object.fromEntries(heard.notes), notes, what);
    assert.deepEqual(heard.protocols, protocols ?? [], what);
    const [first] = steps;
    if (first === undefined || !('bytes' in first)) continue;
    const bytes = Buffer.from(first.bytes);
    const answer = recognizer.recognise(transportIndex.udp, first.direction, bytes, 0, bytes.length, 40_000, port);
    assert.equal(answer === 0, recognised ?? true, `${what} is recognised`);
    for (let length = 1; length < bytes.length; length++) {
      const cut = bytes.subarray(0, length);
      definition.probe(0, cut, 0, length);
      play(definition, [{ ...first, bytes: cut }], { transport: 'udp', serverPort: port });
    }
    assertSurvives(definition, steps, { transport: 'udp', serverPort: port }, 60);
  }
}
