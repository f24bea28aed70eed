// What the tracker collects of sessions for Arkime's document, through the engine.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type SessionDetails, tagsField, tcpFlagNames } from '../../src/record/index.ts';
import { PacketFlag, TunnelType } from '../../src/ring/index.ts';
import type { SessionConfig } from '../../src/session/index.ts';
import type { PacketStore } from '../../src/session/packet-store.ts';
import { SessionTracker, type SessionTrackerOptions } from '../../src/session/session-tracker.ts';
import { engineKit } from './engine-kit.ts';
import { epochUs, type PacketWords } from './ring-feeder.ts';

const server: PacketWords = { src: '10.0.0.2', dst: '10.0.0.1', sport: 80, dport: 40_000 };
const udp: PacketWords = { protocol: 17, data: 'abc' };

interface Copied {
  readonly details: SessionDetails;
  readonly flags: Readonly<Record<string, number>>;
  readonly payload: readonly [string, string];
  readonly tags: readonly unknown[];
}

function run(
  packets: readonly PacketWords[],
  options: Partial<SessionTrackerOptions> = {},
  config: Partial<SessionConfig> = {},
): Copied[] {
  const tracker = new SessionTracker({
    communityIdSeed: 0,
    keepPackets: [],
    keepsOneOfEsp: true,
    trackEsp: true,
    oddPackets: 'none',
    isKnown: () => true,
    ...options,
  });
  const copies: Omit<Copied, 'tags'>[] = [];
  const kit = engineKit({ identity: 'arkime', ...config }, [], {
    engine: { observer: tracker },
    fields: [tagsField],
    watch({ details }) {
      assert.ok(details !== undefined);
      copies.push({
        // What is got is copied too.
        details: structuredClone({
          ...details,
          isHidden: details.isHidden,
          roundTripMs: details.roundTripMs,
          synValidated: details.synValidated,
        }) as unknown as SessionDetails,
        flags: Object.fromEntries(
          tcpFlagNames.map((name, index) => [name, details.tcpFlags[index] as number]).filter(([, count]) => count !== 0),
        ),
        payload: [details.firstPayload(0), details.firstPayload(1)],
      });
    },
  });
  for (const packet of packets) kit.engine.packet(kit.feed.packet(packet));
  kit.engine.finish();
  return copies.map((copy, index) => ({ ...copy, tags: kit.sessions[index]?.notes[0] ?? [] }));
}

function one(...how: Parameters<typeof run>): Copied {
  const sessions = run(...how);
  assert.equal(sessions.length, 1);
  return sessions[0] as Copied;
}

const opening: readonly PacketWords[] = [
  { flags: 'S', seq: 99 },
  { ...server, flags: 'SA', seq: 499, ack: 100, ms: 5 },
  { flags: 'A', seq: 100, ack: 500, ms: 11 },
];
const data = (seq: number, text: string, more: PacketWords = {}): PacketWords => ({
  flags: 'PA',
  seq,
  ack: 500,
  data: text,
  ...more,
});
const hex = (text: string): string => Buffer.from(text, 'latin1').toString('hex');

describe('TCP', () => {
  test('flags count as Arkime counts them', () => {
    const packets: readonly PacketWords[] = [
      ...opening,
      { flags: 'SEC', seq: 99 },
      data(100, 'x', { window: 0 }),
      { flags: 'AU', seq: 101, ack: 500 },
      { ...server, flags: 'FA', seq: 500, ack: 101, window: 0 },
      { ...server, flags: 'R', seq: 501, window: 0 },
    ];
    assert.deepEqual(one(packets).flags, {
      syn: 2,
      'syn-ack': 1,
      ack: 2,
      psh: 1,
      fin: 1,
      rst: 1,
      urg: 1,
      ece: 1,
      cwr: 1,
      srcZero: 1,
      dstZero: 1,
    });
  });

  test('handshakes are judged by their numbers', () => {
    const [syn, answer, ack] = opening as [PacketWords, PacketWords, PacketWords];
    const cases: readonly [string, readonly PacketWords[], unknown[]][] = [
      ['whole', opening, [true, true, 5, [99, 0], 1]],
      ['SYN alone', [syn], [false, false, -1, [99, -1], 1]],
      ['SYN-ACK alone', [answer], [false, false, -1, [-1, 499], 0]],
      ['an answer to another', [syn, { ...answer, ack: 101 }, ack], [false, true, 5, [99, 0], 1]],
      ['an acknowledgement of another', [syn, answer, { ...ack, ack: 501 }], [true, false, 5, [99, 0], 1]],
      ['another SYN', [syn, syn, { ...syn, seq: 7 }, answer], [true, false, -1, [99, 0], 2]],
      ['none', [ack], [undefined, undefined, -1, [-1, -1], 0]],
    ];
    for (const [name, packets, expected] of cases) {
      const { details } = one(packets);
      const { synValidated, synAckValidated, roundTripMs, initialSequence, initialSequences } = details;
      assert.deepEqual([synValidated, synAckValidated, roundTripMs, [...initialSequence], initialSequences], expected, name);
    }
  });

  test('payload counts as far as it came in order, and its first bytes stay', () => {
    const cases: readonly [string, readonly PacketWords[], [number, string], unknown[]][] = [
      ['in order', [...opening, data(100, 'hello '), data(106, 'world')], [11, 'hello wo'], []],
      ['out of order', [...opening, data(106, 'world'), data(100, 'hello ')], [11, 'hello wo'], ['out-of-order-src']],
      ['with a hole', [...opening, data(100, 'he'), data(103, 'lo')], [2, 'he'], []],
      ['doubled', [...opening, data(100, 'hello'), data(100, 'HELLO, you')], [10, 'hello, yo'.slice(0, 8)], []],
      ['of a connection met in its middle', [data(100, 'hello')], [0, ''], []],
      ['on a SYN', [{ flags: 'S', seq: 99, data: 'no' }], [0, ''], []],
      ['begun by its SYN-ACK', [opening[1] as PacketWords, data(100, 'hello')], [5, 'hello'], []],
    ];
    for (const [name, packets, [bytes, first], tags] of cases) {
      const { details, payload, tags: got } = one(packets);
      assert.deepEqual([details.payloadBytes[0], payload[0], got], [bytes, hex(first), tags], name);
    }
  });

  test('what was never seen but acknowledged, or came too much out of order, is tagged', () => {
    const unseen = one([...opening, { ...server, flags: 'A', seq: 500, ack: 110 }, { flags: 'A', seq: 100, ack: 502 }]);
    assert.deepEqual(unseen.tags, ['acked-unseen-segment-dst', 'acked-unseen-segment-src']);
    const fins = one([...opening, { ...server, flags: 'A', seq: 500, ack: 101 }]);
    assert.deepEqual(fins.tags, []);
    const holes = Array.from({ length: 257 }, (_, index) => data(102 + index * 2, 'x'));
    const incomplete = one([...opening, ...holes, data(100, 'ab')]);
    assert.deepEqual([incomplete.tags, incomplete.details.payloadBytes[0]], [['incomplete-tcp'], 0]);
  });

  test('of a part counts what is new; what the packet that filled it holds is of the next one', () => {
    const parts = run(
      [...opening, data(100, 'abc', { ms: 20 }), data(103, 'de', { ms: 30, position: 90 }), data(105, 'f', { ms: 40 })],
      {},
      { save_packets: 4 },
    );
    assert.deepEqual(
      parts.map(({ details, flags, payload }) => [
        details.segment,
        details.packets[0],
        details.payloadBytes[0],
        flags.syn,
        payload[0],
        details.positions,
      ]),
      [
        [1, 3, 0, 1, '', []],
        [2, 2, 6, undefined, hex('abcdef'), [90]],
      ],
    );
    const [first, second] = parts as [Copied, Copied];
    assert.equal(first.details.firstMs, second.details.firstMs);
    assert.deepEqual(
      [second.details.synValidated, second.details.initialSequence, second.details.roundTripMs],
      [undefined, [-1, -1], -1],
    );
    assert.deepEqual([second.details.macs, second.details.ttls], [first.details.macs, [[64], []]]);
  });
});

describe('datagrams', () => {
  test('count their payload by protocol', () => {
    const sctp = (type: number, number: number, text: string): string => {
      const chunk = Buffer.alloc(16 + ((text.length + 3) & ~3));
      chunk[0] = type;
      chunk.writeUInt16BE(16 + text.length, 2);
      chunk.writeUInt32BE(number, 4);
      chunk.write(text, 16, 'latin1');
      return chunk.toString('latin1');
    };
    const cases: readonly [string, readonly PacketWords[], [number, string]][] = [
      ['UDP', [{ ...udp, data: '' }, udp, { ...udp, data: 'defghijklm' }], [13, 'abc']],
      ['UDP told by a key', [{ ...udp, bits: PacketFlag.keyed, hash: 1 }], [3, '']],
      ['ESP', [{ protocol: 50, data: 'x'.repeat(20) }], [12, '']],
      ['ESP, cut', [{ protocol: 50, data: 'xx' }], [0, '']],
      [
        'SCTP',
        [
          { protocol: 132, data: sctp(3, 0, '') },
          { protocol: 132, data: sctp(0, 7, 'abc') + sctp(0, 8, 'defghijkl') },
        ],
        [16 + 20 + 28, 'abcdefgh'],
      ],
      [
        'SCTP in another order',
        [
          { protocol: 132, data: sctp(0, 9, 'late') },
          { protocol: 132, data: sctp(0, 8, 'first') },
        ],
        [20 + 24, 'first'],
      ],
      [
        'SCTP that makes no sense',
        [
          { protocol: 132, data: '\x00\x00\x00\x02abcd' },
          { protocol: 132, data: '\x00\x00\xff\xffabcd' },
        ],
        [16, ''],
      ],
      ['another protocol', [{ protocol: 89, data: 'abc' }], [0, '']],
    ];
    for (const [name, packets, [bytes, first]] of cases) {
      const { details, payload } = one(packets);
      assert.deepEqual([details.payloadBytes[0], payload[0]], [bytes, hex(first)], name);
    }
  });

  test('have the headers of their first ten packets', () => {
    const many = Array.from({ length: 12 }, (_, index) => ({ ...udp, ttl: index, trafficClass: index * 4 + 3 }));
    const { details } = one([...many, { ...server, protocol: 17, ttl: 99 }]);
    assert.deepEqual(details.ttls, [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [99]]);
    assert.deepEqual(details.dscps, [[1, 2, 3, 4, 5, 6, 7, 8, 9], []]);
    assert.deepEqual(details.macs, [['02:00:00:00:00:01'], ['02:00:00:00:00:02']]);
    assert.deepEqual([details.packets, details.carriers, details.etherType], [[12, 1], ['udp'], 0x0800]);
    assert.match(details.communityId, /^1:/);
  });

  test('have times from ten seconds after 1970 on', () => {
    const early = one([
      { ...udp, ms: -epochUs / 1000 + 1 },
      { ...udp, ms: -epochUs / 1000 + 9999 },
      { ...udp, ms: -epochUs / 1000 + 10_000 },
    ]).details;
    assert.deepEqual([early.firstMs, early.lastMs], [10_001, 10_000]);
  });
});

describe('what carries a session', () => {
  const vxlan = { type: TunnelType.vxlan, src: '192.0.2.1', dst: '192.0.2.2', id: 77, dport: 4789 };
  const cases: readonly [string, PacketWords, Partial<SessionDetails>][] = [
    ['VLANs', { vlans: [5, 6] }, { vlans: [5, 6], dot1q: [5, 6], dot1ad: [] }],
    ['802.1ad', { vlans: [5], etherType: 0x88a8 }, { vlans: [5], dot1q: [], dot1ad: [5] }],
    ['VXLAN', { tunnels: [vxlan] }, { carriers: ['udp', 'vxlan'], vnis: [77], outerIps: [['192.0.2.1'], ['192.0.2.2']] }],
    ['VXLAN-GPE', { tunnels: [{ ...vxlan, dport: 4790, id: 0 }] }, { carriers: ['udp', 'vxlan-gpe'], vnis: [] }],
    [
      'GRE in GTP',
      {
        tunnels: [
          { type: TunnelType.gtpU, src: '192.0.2.8', id: 3 },
          { type: TunnelType.gre, src: '192.0.2.9', id: 4 },
        ],
      },
      { carriers: ['udp', 'gtp', 'gre'], vnis: [], outerIps: [['192.0.2.9'], ['0.0.0.0']] },
    ],
    ['ERSPAN in IP', { tunnels: [{ type: TunnelType.erspan, src: '192.0.2.9', id: 4 }] }, { carriers: ['udp', 'gre'] }],
    ['ERSPAN in a frame', { tunnels: [{ type: TunnelType.erspan, id: 4 }] }, { carriers: ['udp'], outerIps: [[], []] }],
    [
      'PPP in GRE',
      { tunnels: [{ type: TunnelType.gre, src: '192.0.2.9' }], bits: PacketFlag.ppp },
      { carriers: ['udp', 'gre', 'ppp'] },
    ],
    ['PPPoE', { tunnels: [{ type: TunnelType.pppoe }], bits: PacketFlag.ppp }, { carriers: ['udp', 'pppoe'] }],
    ['MPLS', { tunnels: [{ type: TunnelType.mpls, id: 9 }] }, { carriers: ['udp', 'mpls'], vnis: [] }],
  ];
  for (const [name, words, expected] of cases)
    test(name, () => {
      const { details } = one([{ ...udp, ...words }]);
      for (const [key, value] of Object.entries(expected)) assert.deepEqual(details[key as keyof SessionDetails], value, key);
    });
});

describe('odd packets', () => {
  const cases: readonly [string, PacketWords, Partial<SessionTrackerOptions>, unknown[]][] = [
    ['corrupt, not wanted', { ...udp, bits: PacketFlag.corrupt }, {}, [true, ['corrupt-ip'], '', '']],
    ['corrupt', { ...udp, bits: PacketFlag.corrupt }, { oddPackets: 'corrupt' }, [false, ['corrupt-ip'], '', '']],
    [
      'corrupt frame',
      { version: 0, protocol: 0, bits: PacketFlag.corrupt },
      { oddPackets: 'all' },
      [false, ['corrupt-ether'], '', ''],
    ],
    ['unknown protocol', { protocol: 200, data: '' }, { oddPackets: 'all', isKnown: () => false }, [false, [], 'unknown-ip', '']],
    [
      'unknown frame',
      { version: 0, protocol: 0, etherType: 0x9999 },
      { oddPackets: 'all', isKnown: () => false },
      [false, [], 'unknown-ether', ''],
    ],
    [
      '802.3',
      { version: 0, protocol: 0, etherType: 40 },
      { oddPackets: 'corrupt', isKnown: () => false },
      [false, [], 'corrupt-ether', ''],
    ],
    ['ESP, not wanted', { protocol: 50, data: 'x'.repeat(20) }, { trackEsp: false }, [true, ['esp'], '', 'id']],
    ['a fragment whose datagram never became whole', { ...udp, fragment: true }, {}, [true, ['udp'], '', 'id']],
  ];
  for (const [name, words, options, expected] of cases)
    test(name, () => {
      const { details } = one([words], options);
      assert.deepEqual([details.isHidden, details.carriers, details.oddName, details.communityId === '' ? '' : 'id'], expected);
      assert.ok(details.lastMs >= details.firstMs);
    });
  test('unknown ones are wanted only with all', () => {
    const wanted = (oddPackets: 'none' | 'corrupt' | 'all', words: PacketWords): boolean =>
      one([words], { oddPackets, isKnown: () => false }).details.isOddWanted;
    const llc = { version: 0, protocol: 0, etherType: 40 };
    assert.deepEqual(
      [wanted('corrupt', { protocol: 200 }), wanted('all', { protocol: 200 }), wanted('none', llc), wanted('corrupt', llc)],
      [false, true, false, true],
    );
  });
});

describe('positions', () => {
  /** Two packets a file. */
  function store(changes: Partial<PacketStore> = {}): PacketStore & { readonly indexed: unknown[] } {
    let kept = 0;
    const indexed: unknown[] = [];
    return {
      keep: () => (kept++ % 2) * 100 + 24,
      get fileNumber() {
        return 3 + Math.floor((kept - 1) / 2);
      },
      position: (file, place) => file * 1000 + place,
      sessionPackets: 0,
      sessionBytes: 0,
      hasIndex: false,
      index(file, positions) {
        indexed.push([file, [...positions]]);
        return indexed.length * 10;
      },
      indexLength: 4,
      indexed,
      ...Object.fromEntries(Object.entries(changes)),
    };
  }
  const three = [0, 1, 2].map((ms) => ({ ...udp, ms, position: 24 + ms * 50 }));

  test('are those of the capture file, or of the files of the sensor', () => {
    const { details } = one([...three, { ...udp, ms: 3 }]);
    assert.deepEqual([details.positions, details.lengths, details.files], [[24, 74, 124], [33, 33, 33], []]);
    const several = one(three.map((packet, index) => ({ ...packet, fileId: index }))).details;
    assert.deepEqual(
      [several.positions, several.lengths],
      [
        [24, -2, 74, -3, 124],
        [33, 0, 33, 0, 33],
      ],
    );
    const kept = one(three, { store: store() }).details;
    assert.deepEqual(
      [kept.positions, kept.lengths, kept.files],
      [
        [-3, 3024, 3124, -4, 4024],
        [0, 33, 33, 0, 33],
        [3, 4],
      ],
    );
    const lost = one(three, { store: store({ keep: () => -1 }) }).details;
    assert.deepEqual([lost.positions, lost.files, lost.packets], [[], [], [3, 0]]);
  });

  test('go to index files', () => {
    const own = store({ hasIndex: true });
    const { details } = one(three, { store: own });
    assert.deepEqual(details.places, [-3, 10, 4, -4, 20, 4]);
    assert.deepEqual(own.indexed, [
      [3, [3024, 3124]],
      [4, [4024]],
    ]);
    const full = one(three, { store: store({ hasIndex: true, index: () => -1 }) }).details;
    assert.deepEqual(full.places, []);
  });

  test('of a part begin with their file', () => {
    const parts = run(three, { store: store() }, { save_packets: 1 });
    assert.deepEqual(
      parts.map(({ details }) => details.positions),
      [[-3, 3024, 3124], [-4, 4024], []].slice(0, parts.length),
    );
  });

  test('are only of as many packets as are kept', () => {
    const limits: readonly [string, Partial<SessionTrackerOptions>, PacketWords, number, unknown[]][] = [
      ['by filter', { keepPackets: [5, 1] }, { marks: 2 }, 1, ['truncated-pcap']],
      ['by the first filter that matches', { keepPackets: [2, 1] }, { marks: 3 }, 2, ['truncated-pcap']],
      ['none at all', { keepPackets: [0] }, { marks: 1 }, 0, ['truncated-pcap']],
      ['by packets', { store: store({ sessionPackets: 2 }) }, {}, 2, ['truncated-pcap']],
      ['by bytes', { store: store({ sessionBytes: 18 }) }, {}, 2, ['truncated-pcap']],
      ['of ESP', {}, { protocol: 50 }, 1, ['truncated-pcap']],
      ['all', { keepPackets: [1] }, {}, 3, []],
    ];
    for (const [name, options, words, count, tags] of limits) {
      const session = one(
        three.map((packet) => ({ ...packet, ...words })),
        options,
      );
      assert.deepEqual(
        [session.details.positions.filter((each) => each >= 0).length, session.tags, session.details.packets[0]],
        [count, tags, 3],
        name,
      );
    }
  });
});

test('a slot that is used again knows nothing of the session before', () => {
  const tunnel = { type: TunnelType.vxlan, src: '192.0.2.1', dst: '192.0.2.2', id: 77 };
  const first: PacketWords = {
    ...udp,
    sport: 1,
    vlans: [5],
    tunnels: [tunnel],
    position: 10,
    trafficClass: 200,
    data: 'long payload',
  };
  const last: PacketWords = { ...udp, sport: 3, data: '', ms: 101_000 };
  const slotOf = ({ details }: Copied): number => (details as SessionDetails & { slot: number }).slot;
  const [fresh] = run([last]) as [Copied];
  const [before, after] = run([first, { ...udp, sport: 9, ms: 100_000 }, last]) as [Copied, Copied];
  assert.deepEqual([slotOf(after), after.details.firstMs], [slotOf(before), epochUs / 1000 + 101_000]);
  // Bytes that were not seen have no meaning.
  const known = ({ details, ...rest }: Copied): unknown => ({ ...rest, details: { ...details, firstPayloads: [] } });
  assert.deepEqual(known(after), known(fresh));
});
