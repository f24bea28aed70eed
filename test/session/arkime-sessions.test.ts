// Sessions with identity `arkime`: they end by the clock of the packet before, are saved in parts after the packet, are closed
// when both FINs are acknowledged, and may be told by other things than their ends.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PacketView } from '../../src/packet/index.ts';
import { PacketFlag } from '../../src/ring/index.ts';
import type { SessionConfig } from '../../src/session/index.ts';
import { Slot, slotShift } from '../../src/session/slot-layout.ts';
import { type CopiedFacts, engineKit } from './engine-kit.ts';
import { finderOf, tableOf } from './finder.ts';
import { type PacketWords, RingFeeder } from './ring-feeder.ts';

const server: PacketWords = { src: '10.0.0.2', dst: '10.0.0.1', sport: 80, dport: 40_000 };
const other: PacketWords = { protocol: 17, sport: 9, dport: 9 };

function run(config: Partial<SessionConfig>, packets: readonly PacketWords[]): CopiedFacts[] {
  const kit = engineKit({ identity: 'arkime', ...config });
  for (const packet of packets) kit.engine.packet(kit.feed.packet(packet));
  kit.engine.finish();
  return kit.sessions;
}

/** `end packets` of each session of the client's port 40000. */
function ends(sessions: readonly CopiedFacts[]): string[] {
  return sessions
    .filter(({ source, destination }) => /:40000$/.test(source) || /:40000$/.test(destination))
    .map(({ end, packets }) => `${end} ${packets[0]}+${packets[1]}`);
}

const opening: readonly PacketWords[] = [
  { flags: 'S', seq: 99 },
  { ...server, flags: 'SA', seq: 499, ack: 100 },
  { flags: 'A', seq: 100, ack: 500 },
];

describe('the clock', () => {
  const udp = (ms: number): PacketWords => ({ protocol: 17, data: 'x', ms });
  const cases: readonly [string, readonly PacketWords[], string[]][] = [
    ['a packet finds its session by the clock of the one before', [udp(0), udp(100_000)], ['stopped 2+0']],
    [
      'what another packet shows to be over has ended',
      [udp(0), { ...other, ms: 61_000 }, udp(62_000)],
      ['timeout 1+0', 'stopped 1+0'],
    ],
    ['of whole seconds', [udp(900), { ...other, ms: 60_999 }, udp(62_500)], ['stopped 2+0']],
    [
      'that goes back is the latest',
      [udp(0), { ...other, ms: 50_000 }, udp(1000), { ...other, ms: 109_000 }, udp(109_500)],
      ['stopped 3+0'],
    ],
  ];
  for (const [name, packets, expected] of cases)
    test(name, () => assert.deepEqual(ends(run({ idle_udp_secs: 60 }, packets)), expected));

  test('ends a session that is found again by it, as soon as it is over again', () => {
    const kit = engineKit({ identity: 'arkime', idle_udp_secs: 60 });
    for (const packet of [udp(0), udp(100_000), { ...other, ms: 160_000 }, { ...other, ms: 161_000 }])
      kit.engine.packet(kit.feed.packet(packet));
    assert.deepEqual(ends(kit.sessions), ['timeout 2+0']);
    kit.engine.finish();
  });
});

describe('closing', () => {
  const fins: readonly PacketWords[] = [
    { flags: 'FA', seq: 100, ack: 500, ms: 10 },
    { ...server, flags: 'FA', seq: 500, ack: 101, ms: 20 },
    { flags: 'A', seq: 101, ack: 501, ms: 30 },
  ];
  const later: PacketWords = { ...other, ms: 7000 };
  const cases: readonly [string, readonly PacketWords[], string[]][] = [
    ['both FINs acknowledged', [...opening, ...fins, later], ['fin 4+2']],
    ['a FIN is not acknowledged', [...opening, ...fins.slice(0, 2), later], ['stopped 3+2']],
    [
      'a late acknowledgement of an earlier number',
      [...opening, ...fins.slice(0, 2), { flags: 'A', seq: 101, ack: 500, ms: 30 }, later],
      ['stopped 4+2'],
    ],
    [
      'acknowledgement after a pause',
      [...opening, ...fins.slice(0, 2), later, { ...(fins[2] as PacketWords), ms: 8000 }, { ...later, ms: 15_000 }],
      ['fin 4+2'],
    ],
    [
      'one FIN only',
      [...opening, fins[0] as PacketWords, { ...server, flags: 'A', seq: 500, ack: 101, ms: 20 }, later],
      ['stopped 3+2'],
    ],
    ['reset', [...opening, { flags: 'R', seq: 100, ms: 10 }, later], ['reset 3+1']],
    [
      'what comes late while it lingers',
      [...opening, ...fins, { ...server, flags: 'A', seq: 501, ack: 101, ms: 4000 }, later],
      ['fin 4+3'],
    ],
  ];
  for (const [name, packets, expected] of cases)
    test(name, () => assert.deepEqual(ends(run({ close_linger_secs: 5 }, packets)), expected));
});

describe('a SYN on a living connection', () => {
  const fin: PacketWords = { flags: 'FA', seq: 100, ack: 500 };
  const cases: readonly [string, readonly PacketWords[], string[]][] = [
    ['is of it before its end, whatever its number', [...opening, { flags: 'S', seq: 9000 }], ['stopped 3+1']],
    ['begins a new one after a FIN', [...opening, fin, { flags: 'S', seq: 9000 }], ['reused 3+1', 'stopped 1+0']],
    [
      'begins a new one after a reset',
      [...opening, { flags: 'R', seq: 100 }, { flags: 'S', seq: 9000 }],
      ['reused 3+1', 'stopped 1+0'],
    ],
    ['with its own number is a late one', [...opening, fin, { flags: 'S', seq: 99 }], ['stopped 4+1']],
    ['that answers begins nothing', [...opening, fin, { ...server, flags: 'SA', seq: 7000, ack: 9001 }], ['stopped 3+2']],
    [
      'of the other side begins a new one from there',
      [...opening, fin, { ...server, flags: 'S', seq: 7000 }],
      ['reused 3+1', 'stopped 1+0'],
    ],
    [
      'that comes first as an answer has the client behind it',
      [
        { ...server, flags: 'SA', seq: 499, ack: 100 },
        { flags: 'A', seq: 100, ack: 500 },
      ],
      ['stopped 1+1'],
    ],
    [
      'never turns a session round',
      [
        { ...server, flags: 'A', seq: 1, ack: 1 },
        { flags: 'S', seq: 9000 },
      ],
      ['stopped 1+1'],
    ],
  ];
  for (const [name, packets, expected] of cases) test(name, () => assert.deepEqual(ends(run({}, packets)), expected));
});

describe('parts', () => {
  test('end with the packet that fills them', () => {
    const packets = Array.from({ length: 7 }, (_, index) => ({ protocol: 17, data: 'ab', ms: index }));
    assert.deepEqual(
      run({ save_packets: 3 }, packets).map(({ end, part, packets: [count], payload: [bytes] }) => [end, part, count, bytes]),
      [
        ['part', 0, 3, 6],
        ['part', 1, 3, 6],
        ['stopped', 2, 1, 2],
      ],
    );
  });

  test('of connections end with the packet after their time; of nothing else', () => {
    const segment = (seq: number, ms: number): PacketWords => ({ flags: 'A', seq, ack: 500, data: 'a', ms });
    const packets = [...opening, segment(100, 100_000), segment(101, 100_999), segment(102, 101_000), segment(103, 101_500)];
    const parts = run({ save_secs: 100, idle_tcp_secs: 1000 }, packets);
    assert.deepEqual(
      parts.map(({ end, packets: [sent], payload: [bytes] }) => [end, sent, bytes]),
      [
        ['part', 5, 3],
        ['stopped', 1, 1],
      ],
    );
    const datagrams = [0, 50_000, 101_000, 120_000].map((ms) => ({ protocol: 17, data: 'x', ms }));
    assert.equal(run({ save_secs: 100, idle_udp_secs: 1000 }, datagrams).length, 1);
  });
});

describe('what tells sessions', () => {
  const keyed = (words: PacketWords): PacketWords => ({ protocol: 17, hash: 77, ack: 5, bits: PacketFlag.keyed, ...words });
  test('may be a key in place of the ends', () => {
    const sessions = run({}, [
      keyed({ src: '0.0.0.0', dst: '255.255.255.255', sport: 68, dport: 67 }),
      keyed({ src: '10.0.0.1', dst: '255.255.255.255', sport: 67, dport: 68 }),
      keyed({ src: '0.0.0.0', dst: '255.255.255.255', sport: 68, dport: 67 }),
      keyed({ src: '0.0.0.0', dst: '255.255.255.255', sport: 68, dport: 67, ack: 6 }),
      keyed({ src: '0.0.0.0', dst: '255.255.255.255', sport: 68, dport: 67, vni: 6 }),
      keyed({ src: 'fe80::1', dst: 'ff02::1', sport: 68, dport: 67 }),
    ]);
    assert.deepEqual(sessions.map(({ source, packets }) => `${source} ${packets}`).sort(), [
      '0.0.0.0:68 1,0',
      '0.0.0.0:68 1,0',
      '0.0.0.0:68 2,1',
      'fe80::1:68 1,0',
    ]);
  });

  test('of packets that go one way is no direction', () => {
    const igmp = { protocol: 2, sport: 0, dport: 0, bits: PacketFlag.keyed | PacketFlag.oneWay, hash: 3, ack: 1 };
    const arp = { version: 0, etherType: 0x0806, protocol: 0, sport: 0x0806, dport: 0x0806, bits: PacketFlag.oneWay };
    const sessions = run({}, [
      igmp,
      { ...igmp, src: '10.0.0.9' },
      { ...igmp, src: '10.0.0.2', dst: '10.0.0.1' },
      arp,
      { ...arp, src: '10.0.0.2', dst: '10.0.0.1' },
    ]);
    assert.deepEqual(
      sessions.map(({ packets }) => packets),
      [
        [3, 0],
        [2, 0],
      ],
    );
  });

  test('in a network is the one word that the capture side made of it', () => {
    const vlans = (ids: readonly number[], vni: number): PacketWords => ({ protocol: 17, vlans: ids, vni });
    const sessions = run({ track_vlan: true }, [vlans([5], 5), vlans([6], 5), vlans([5], 7)]);
    assert.deepEqual(
      sessions.map(({ packets }) => packets[0]),
      [2, 1],
    );
  });

  test('by a key is found among others, with the side that speaks by the whole of its address', () => {
    const feed = new RingFeeder();
    const table = tableOf(64, false, true);
    const { find, open } = finderOf(table);
    const v6 = (src: string, dst: string, sport: number, ack: number): PacketView =>
      feed.packet({ protocol: 17, src, dst, sport, dport: 547, bits: PacketFlag.keyed, hash: 9, ack });
    const slots = [1, 2, 3].map((ack) => {
      const view = v6('fe80::1', 'fe80::2', 547, ack);
      const slot = open(view, 9);
      table.words[(slot << slotShift) + Slot.handshakeUs] = ack;
      return slot;
    });
    for (const [index, slot] of slots.entries()) {
      assert.equal(find(v6('fe80::1', 'fe80::2', 547, index + 1), 9), slot * 2);
      assert.equal(find(v6('fe80::2', 'fe80::1', 547, index + 1), 9), slot * 2 + 1);
      assert.equal(find(v6('fe80::1', 'fe80::2', 546, index + 1), 9), slot * 2 + 1);
    }
    assert.equal(find(v6('fe80::1', 'fe80::2', 547, 4), 9), -1);
    assert.equal(find(v6('fe80::1', 'fe80::2', 547, 1), 10), -1);
    table.close(slots[0] as number, 'stopped');
    assert.equal(find(v6('fe80::1', 'fe80::2', 547, 1), 9), -1);
    assert.equal(find(v6('fe80::1', 'fe80::2', 547, 2), 9), (slots[1] as number) * 2);
  });
});
