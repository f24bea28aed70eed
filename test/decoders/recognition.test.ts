import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Type } from 'typebox';
import {
  type DecoderDefinition,
  decoderDefinitions,
  probeLimitBytes,
  Recognition,
  Recognizer,
  type Transport,
  transportIndex,
  Verdict,
} from '../../src/decoders/index.ts';

interface Sketch {
  readonly verdict: Verdict | ((text: string) => Verdict);
  readonly ports?: readonly number[];
  readonly transports?: readonly Transport[];
  readonly firstBytes?: readonly number[];
}

function definition(sketch: Sketch): DecoderDefinition {
  return {
    name: 'sketch',
    title: 'Sketch',
    transports: sketch.transports ?? ['tcp'],
    ports: sketch.ports ?? [],
    ...(sketch.firstBytes === undefined ? {} : { firstBytes: sketch.firstBytes }),
    records: [],
    sessionFields: [],
    anomalies: [],
    options: Type.Object({}),
    probe: (_, bytes, from, to) =>
      typeof sketch.verdict === 'function' ? sketch.verdict(bytes.toString('latin1', from, to)) : sketch.verdict,
    create: () => {
      throw new Error('recognition makes no decoder');
    },
  };
}

/** What recognition says to `text` on server port 80, given decoders in this order. */
function ask(sketches: readonly Sketch[], text = 'hello', ports?: readonly number[]): number {
  const recognizer = new Recognizer(
    sketches.map((sketch) => ({ definition: definition(sketch), options: {}, ...(ports === undefined ? {} : { ports }) })),
  );
  const bytes = Buffer.from(`..${text}..`, 'latin1');
  return recognizer.recognise(transportIndex.tcp, 0, bytes, 2, 2 + text.length, 40_000, 80);
}

const { no, maybe, certain, needMore, faint } = Verdict;

describe('recognition', () => {
  test('content comes before ports', () => {
    assert.equal(ask([{ verdict: maybe, ports: [80] }, { verdict: certain }]), 1);
  });

  test('a port turns maybe into a choice, of several the first', () => {
    assert.equal(ask([{ verdict: maybe }, { verdict: maybe, ports: [80] }]), 1);
    assert.equal(ask([{ verdict: maybe }, { verdict: maybe, ports: [40_000] }, { verdict: maybe, ports: [80] }]), 1);
    assert.equal(ask([{ verdict: no, ports: [80] }]), Recognition.none);
  });

  test('a faint one is chosen on its port only', () => {
    assert.equal(ask([{ verdict: faint, ports: [80] }]), 0);
    assert.equal(ask([{ verdict: faint }]), Recognition.none);
    assert.equal(ask([{ verdict: faint }, { verdict: maybe }]), 1);
    assert.equal(ask([{ verdict: faint }, { verdict: needMore }]), Recognition.wait);
  });

  test('ports from the config replace those of the definition', () => {
    assert.equal(ask([{ verdict: maybe, ports: [80] }, { verdict: maybe }], 'x', [81]), Recognition.wait);
  });

  test('a single maybe is chosen, several wait for more', () => {
    assert.equal(ask([{ verdict: no }, { verdict: maybe }]), 1);
    assert.equal(ask([{ verdict: maybe }, { verdict: maybe }]), Recognition.wait);
    assert.equal(ask([{ verdict: maybe }, { verdict: needMore }]), Recognition.wait);
    assert.equal(ask([{ verdict: needMore }]), Recognition.wait);
  });

  test('with the most bytes that are kept, waiting is over', () => {
    const full = 'x'.repeat(probeLimitBytes);
    assert.equal(ask([{ verdict: needMore }], full), Recognition.none);
    assert.equal(ask([{ verdict: maybe }, { verdict: maybe }], full), Recognition.none);
    assert.equal(ask([{ verdict: maybe }, { verdict: needMore }], full), 0);
  });

  test('first bytes and transports leave decoders out unasked', () => {
    const fail = (): Verdict => {
      throw new Error('asked');
    };
    assert.equal(
      ask([
        { verdict: fail, firstBytes: [0x16] },
        { verdict: fail, transports: ['udp'] },
      ]),
      Recognition.none,
    );
    assert.equal(ask([{ verdict: certain, firstBytes: [0x16, 0x68] }]), 0);
  });

  test('knows which transports anyone is interested in', () => {
    const recognizer = new Recognizer([{ definition: definition({ verdict: no, transports: ['sctp'] }), options: {} }]);
    assert.deepEqual(
      [transportIndex.tcp, transportIndex.udp, transportIndex.sctp].map((transport) => recognizer.hasDecoders(transport)),
      [false, false, true],
    );
  });
});

describe('the decoders that ship', () => {
  const recognizer = new Recognizer(decoderDefinitions.map((shipped) => ({ definition: shipped, options: {} })));
  const nameOf = (transport: number, bytes: Buffer, serverPort = 9999): string | undefined =>
    recognizer.decoders[recognizer.recognise(transport, 0, bytes, 0, bytes.length, 40_000, serverPort)]?.definition.name;

  test('have names of their own', () => {
    const names = decoderDefinitions.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
  });

  test('are told by content on any port', () => {
    const query = Buffer.from('123401000001000000000000076578616d706c6503636f6d0000010001', 'hex');
    assert.equal(nameOf(transportIndex.tcp, Buffer.from('GET /index.html HTTP/1.1\r\nHost: a\r\n\r\n')), 'http');
    assert.equal(nameOf(transportIndex.udp, query, 53), 'dns');
    assert.equal(nameOf(transportIndex.tcp, Buffer.from('QUIET hello\r\n')), undefined);
  });
});
