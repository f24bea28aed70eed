// What is said to be necessary for a decoder or a signature to want payload is: nothing that one of them wants lacks it.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  type DecoderDefinition,
  decoderDefinitions,
  type FirstWord,
  NameMatcher,
  type PayloadCondition,
  Recognizer,
  signatures,
  transportIndex,
  Verdict,
} from '../../src/decoders/index.ts';
import { edges, numberedSamples, payloads, portPairs, samples } from './payloads.ts';

/** As crates/capture/src/recognition/screen.rs decides. */
function isFulfilled(condition: PayloadCondition, payload: Buffer, client: number, server: number): boolean {
  const { least, ports, at, patterns, forms, word } = condition;
  const wordAt = (offset: number): number | undefined =>
    offset + 2 <= payload.length ? payload.readUInt16BE(offset) : undefined;
  return (
    payload.length >= least &&
    (ports === undefined || ports.includes(server) || (client <= server && ports.includes(client))) &&
    (patterns === undefined || patterns.some((pattern) => payload.subarray(at, at + pattern.length).equals(pattern))) &&
    (forms.length === 0 ||
      forms.some((form) =>
        form.every((bound) => {
          const word = wordAt(bound.at);
          if (word === undefined) return bound.needed !== true;
          return word >= (bound.least ?? 0) && word <= (bound.most ?? 0xffff);
        }),
      )) &&
    (word === undefined || wordLength(word, payload) <= word.most)
  );
}

function wordLength({ bytes }: FirstWord, payload: Buffer): number {
  const end = payload.findIndex((byte) => !bytes.includes(byte));
  return end < 0 ? payload.length : end;
}

/** Is it known that more of a stream is wanted? Of payload that fulfils the condition. */
function isAwaited({ waitsBelow = 0, word }: PayloadCondition, payload: Buffer): boolean {
  return payload.length < waitsBelow || (word !== undefined && wordLength(word, payload) === payload.length);
}

const transports = ['tcp', 'udp', 'sctp'] as const;

/** Each decoder, and each signature, with its condition alone. */
const decoders = decoderDefinitions.flatMap((definition) =>
  transports
    .filter((transport) => definition.transports.includes(transport))
    .map((transport) => {
      const all = new Recognizer([{ definition, options: {} }]).conditions(transportIndex[transport]);
      return { definition, transport, condition: all[0] as PayloadCondition };
    }),
);
const named = signatures.flatMap((signature) => {
  const matcher = new NameMatcher([signature]);
  return signature.transports.map((transport) => {
    const [condition] = matcher.conditions(transportIndex[transport]);
    return { signature, transport: transportIndex[transport], matcher, condition: condition as PayloadCondition };
  });
});

function assertNecessary(payload: Buffer, client: number, server: number): void {
  // In the middle of other bytes, as in a ring.
  const bytes = Buffer.concat([Buffer.alloc(3, 0xff), payload, Buffer.alloc(64, 0x31)]);
  const to = 3 + payload.length;
  for (const { definition, transport, condition } of decoders) {
    if (isFulfilled(condition, payload, client, server)) continue;
    const verdict = verdictOf(definition, bytes, to);
    // More of a datagram does not come.
    const isRefused = verdict === Verdict.no || (transport === 'udp' && verdict === Verdict.needMore);
    assert.ok(isRefused, `${definition.name}: ${payload.toString('hex')}`);
  }
  for (const { signature, transport, matcher, condition } of named) {
    if (isFulfilled(condition, payload, client, server)) continue;
    for (const direction of [0, 1] as const) {
      matcher.match(transport, direction, bytes, 3, to, client, server, () =>
        assert.fail(`${signature.name}: ${payload.toString('hex')}`),
      );
    }
  }
}

/** What a decoder says that is asked with this first byte. */
function verdictOf({ firstBytes, probe }: DecoderDefinition, bytes: Buffer, to: number): Verdict {
  if (firstBytes !== undefined && !firstBytes.includes(bytes[3] as number)) return Verdict.no;
  return probe(0, bytes, 3, to);
}

describe('conditions of payload', () => {
  test('are necessary for samples of any length, and with any byte changed', () => {
    for (const sample of samples) {
      for (let length = 1; length <= Math.min(sample.length, 20); length += 1)
        assertNecessary(sample.subarray(0, length), 40_000, 9999);
    }
    for (const sample of numberedSamples) {
      const payload = Buffer.from(sample);
      for (let at = 0; at < Math.min(sample.length, 16); at += 1) {
        for (const value of edges) {
          payload[at] = value;
          assertNecessary(payload, 40_000, 9999);
        }
        payload[at] = sample[at] as number;
      }
    }
  });

  test('are necessary for any payload, on any port', () => {
    fc.assert(
      fc.property(payloads, portPairs, (payload, [client, server]) => assertNecessary(payload, client, server)),
      { numRuns: 4000, seed: 3 },
    );
  });

  test('say of which bytes of a stream more are wanted in any case', () => {
    const waiting = decoders.filter(({ condition }) => condition.waitsBelow !== undefined || condition.word !== undefined);
    assert.deepEqual(waiting.map(({ definition: { name } }) => name).sort(), ['dns', 'http', 'tls']);
    const assertWaits = (payload: Buffer): void => {
      for (const { definition, condition } of waiting) {
        if (!isFulfilled(condition, payload, 40_000, 9999) || !isAwaited(condition, payload)) continue;
        for (const direction of [0, 1] as const) {
          const verdict = definition.probe(direction, payload, 0, payload.length);
          assert.equal(verdict, Verdict.needMore, `${definition.name}: ${payload.toString('hex')}`);
        }
      }
    };
    for (let word = 0; word < 65_536; word += 1) {
      const bytes = Buffer.from([word >> 8, word & 255, word & 255, word >> 8, word & 255]);
      for (let length = 1; length <= bytes.length; length += 1) assertWaits(bytes.subarray(0, length));
    }
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 16 }), (bytes) => assertWaits(Buffer.from(bytes))),
      { numRuns: 5000, seed: 5 },
    );
    const texts = fc.stringMatching(/^[ -~]{0,3}[!#-'*+.0-9A-Z^_`a-z|~-]{1,40}$/);
    fc.assert(
      fc.property(texts, (text) => {
        assertWaits(Buffer.from(text));
        assertNecessary(Buffer.from(`${text} /x`), 40_000, 9999);
      }),
      { numRuns: 5000, seed: 7 },
    );
  });

  test('leave little of what nobody wants', () => {
    const names = ['http', 'dns', 'tls'];
    const recognizer = new Recognizer(
      decoderDefinitions.filter(({ name }) => names.includes(name)).map((definition) => ({ definition, options: {} })),
    );
    const matcher = new NameMatcher(signatures);
    for (const transport of [transportIndex.tcp, transportIndex.udp]) {
      const conditions = [...recognizer.conditions(transport), ...matcher.conditions(transport)];
      // Bytes that look random, from an ordinal number on, and do not begin as text.
      let left = 0;
      for (let index = 0; index < 1000; index += 1) {
        const payload = Buffer.alloc(64);
        for (let at = 0; at < 64; at += 4) payload.writeInt32BE(Math.imul((index + 1) * 16 + at + 1, 0x9e37_79b1), at);
        payload[0] = 0x0e + (index % 6);
        if (conditions.some((condition) => isFulfilled(condition, payload, 40_000, 9999))) left += 1;
      }
      assert.ok(left < 20, `${left} of 1000`);
    }
  });
});
