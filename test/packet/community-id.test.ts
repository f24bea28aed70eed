import assert from 'node:assert/strict';
import { isIPv4 } from 'node:net';
import { describe, test } from 'node:test';
import { communityId } from '../../src/packet/index.ts';

interface Flow {
  readonly source: string;
  readonly destination: string;
  readonly protocol: number;
  readonly ports: readonly [number, number];
  readonly seed?: number;
}

function parse(text: string): Buffer {
  if (isIPv4(text)) return Buffer.from(text.split('.').map(Number));
  const [head = '', tail = ''] = text.split('::');
  const groups = (part: string): number[] => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)));
  const bytes = Buffer.alloc(16);
  for (const [index, group] of groups(head).entries()) bytes.writeUInt16BE(group, index * 2);
  for (const [index, group] of groups(tail).reverse().entries()) bytes.writeUInt16BE(group, 14 - index * 2);
  return bytes;
}

function idOf({ source, destination, protocol, ports, seed }: Flow): string {
  const addresses = Buffer.concat([parse(source), parse(destination)]);
  const length = addresses.length / 2;
  return communityId(addresses, 0, length, length, protocol, ports[0], ports[1], seed ?? 0);
}

const turned = (flow: Flow): Flow => ({
  ...flow,
  source: flow.destination,
  destination: flow.source,
  ports: [flow.ports[1], flow.ports[0]],
});

// The values of the specification's own baseline, and one that Arkime gives.
const known: readonly (readonly [Flow, string])[] = [
  [
    { source: '128.232.110.120', destination: '66.35.250.204', protocol: 6, ports: [34_855, 80] },
    '1:LQU9qZlK+B5F3KDmev6m5PMibrg=',
  ],
  [{ source: '192.168.1.52', destination: '8.8.8.8', protocol: 17, ports: [54_585, 53] }, '1:d/FP5EW3wiY1vCndhwleRRKHowQ='],
  [{ source: '10.180.156.141', destination: '10.2.95.39', protocol: 17, ports: [62_563, 53] }, '1:GTsD3mpAYuXO8KLDJlk5/Mpw/Wc='],
  [{ source: '192.168.170.8', destination: '192.168.170.56', protocol: 132, ports: [7, 80] }, '1:jQgCxbku+pNGw8WPbEc/TS/uTpQ='],
  [{ source: '192.168.0.89', destination: '192.168.0.1', protocol: 1, ports: [8, 0] }, '1:X0snYXpgwiv9TZtqg64sgzUn6Dk='],
  [
    { source: 'fe80::200:86ff:fe05:80da', destination: 'fe80::260:97ff:fe07:69ea', protocol: 58, ports: [135, 136] },
    '1:dGHyGvjMfljg6Bppwm3bg0LO8TY=',
  ],
];

describe('community id', () => {
  test('is that of other tools, from either side', () => {
    for (const [flow, id] of known) {
      assert.equal(idOf(flow), id);
      assert.equal(idOf(turned(flow)), id);
    }
  });

  test('depends on the seed', () => {
    const [flow] = known[0] as readonly [Flow, string];
    assert.equal(idOf({ ...flow, seed: 1 }), '1:3V71V58M3Ksw/yuFALMcW0LAHvc=');
  });

  test('one-way ICMP keeps its direction', () => {
    const flow: Flow = { source: '10.0.0.2', destination: '10.0.0.1', protocol: 1, ports: [3, 1] };
    assert.notEqual(idOf(flow), idOf({ ...flow, source: flow.destination, destination: flow.source }));
  });

  test('protocols without ports leave them out', () => {
    const flow: Flow = { source: '10.0.0.2', destination: '10.0.0.1', protocol: 50, ports: [0, 0] };
    assert.equal(idOf(flow), idOf({ ...flow, ports: [1, 2] }));
    assert.equal(idOf(flow), idOf(turned(flow)));
  });
});
