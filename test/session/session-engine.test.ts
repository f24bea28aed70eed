import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DONE, HANDOVER, Verdict } from '../../src/decoders/index.ts';
import { defineAnomalies, defineRecordType, type SessionField, tagsField } from '../../src/record/index.ts';
import { TunnelType } from '../../src/ring/index.ts';
import type { SessionEngineOptions } from '../../src/session/index.ts';
import { engineKit, interested, type Kit, type Script, scripted } from './engine-kit.ts';
import { epochUs, type PacketWords } from './ring-feeder.ts';

const server: PacketWords = { src: '10.0.0.2', dst: '10.0.0.1', sport: 80, dport: 40_000 };

function send(kit: Kit, ...packets: readonly PacketWords[]): void {
  for (const packet of packets) kit.engine.packet(kit.feed.packet(packet));
}

describe('sessions', () => {
  test('both directions are one session, counted apart', () => {
    const kit = engineKit();
    send(
      kit,
      { protocol: 17, data: 'query', ttl: 60, ms: 1, number: 7 },
      { ...server, protocol: 17, data: 'a longer answer', ttl: 50, ms: 4 },
      { protocol: 17, data: 'x', ttl: 1, ms: 3 },
    );
    assert.equal(kit.engine.size, 1);
    kit.engine.finish();
    const facts = kit.sessions[0];
    assert.deepEqual(
      [facts?.source, facts?.destination, facts?.packets, facts?.payload, facts?.bytes, facts?.ttl],
      ['10.0.0.1:40000', '10.0.0.2:80', [2, 1], [6, 15], [34, 29], [60, 50]],
    );
    assert.deepEqual([facts?.startUs, facts?.lastUs], [epochUs + 1000, epochUs + 4000]);
    assert.deepEqual(facts?.macs, ['02:00:00:00:00:01', '02:00:00:00:00:02']);
    assert.match(facts?.id ?? '', new RegExp(`^${(epochUs + 1000).toString(16).padStart(13, '0')}[0-9a-f]{8}00000007$`));
    assert.equal(kit.engine.size, 0);
  });

  test('a datagram that the capture saw twice counts its payload once', () => {
    const kit = engineKit();
    const datagram = (seq: number, ms: number): PacketWords => ({ protocol: 17, data: 'abcd', seq, ms });
    send(kit, datagram(0x1_0001, 0), datagram(0x2_0001, 1), datagram(0x1_0001, 2), datagram(0x2_0001, 3));
    // Later, or without a checksum to tell by, the same may well have been sent again; another side has numbers of its own.
    send(kit, datagram(0x2_0001, 20), datagram(0, 21), datagram(0, 22));
    send(kit, { ...server, protocol: 17, data: 'abcd', seq: 0x2_0001, ms: 23 });
    kit.engine.finish();
    const facts = kit.sessions[0];
    assert.deepEqual(
      [facts?.packets, facts?.payload, facts?.retransmitted],
      [
        [7, 1],
        [20, 4],
        [2, 0],
      ],
    );
  });

  test("the last missing number is a FIN's when the other side has closed too", () => {
    const opened: readonly PacketWords[] = [
      { flags: 'S', seq: 99 },
      { ...server, flags: 'SA', seq: 499, ack: 100 },
      { flags: 'A', seq: 100, ack: 500 },
    ];
    // Twelve bytes and perhaps a FIN were lost: the next that is seen of the client is an acknowledgement.
    for (const [flags, expected] of [
      ['FA', 12],
      ['PA', 13],
    ] as const) {
      const kit = engineKit();
      send(kit, ...opened, { ...server, flags, seq: 500, ack: 113, data: 'x' }, { flags: 'A', seq: 113, ack: 502 });
      kit.engine.finish();
      assert.deepEqual(kit.sessions[0]?.gaps, [expected, 0]);
    }
  });

  test('the sender of a SYN-ACK is the server, also when its packets come first', () => {
    const kit = engineKit();
    send(kit, { ...server, flags: 'SA', seq: 1, ack: 100 }, { flags: 'A', seq: 100, ack: 2 });
    send(kit, { ...server, sport: 81, flags: 'PA', seq: 9, data: 'x' }, { ...server, sport: 81, flags: 'SA', seq: 8, ack: 5 });
    kit.engine.finish();
    assert.deepEqual(
      kit.sessions.map(({ source, packets, payload }) => [source, packets, payload]),
      [
        ['10.0.0.1:40000', [1, 1], [0, 0]],
        ['10.0.0.1:40000', [0, 2], [0, 1]],
      ],
    );
  });

  test('a fragment without payload counts as a packet of its flow', () => {
    const kit = engineKit();
    send(kit, { flags: 'S', seq: 99 }, { flags: 'S', seq: 7, fragment: true });
    kit.engine.finish();
    assert.deepEqual([kit.sessions.length, kit.sessions[0]?.packets], [1, [2, 0]]);
  });

  test('IPv6 and tunnels are told as they were seen first', () => {
    const kit = engineKit();
    const tunnels = [
      { type: TunnelType.vxlan, src: '192.0.2.1', dst: '192.0.2.2', id: 77 },
      { type: TunnelType.mpls, id: 5 },
      { type: TunnelType.gtpU, src: 'fd00::a', dst: 'fd00::b', id: 6 },
    ];
    send(
      kit,
      { src: 'fd00::1', dst: 'fd00::2', protocol: 17, data: 'x', tunnels },
      { src: 'fd00::2', dst: 'fd00::1', sport: 80, dport: 40_000, protocol: 17 },
    );
    kit.engine.finish();
    const facts = kit.sessions[0];
    assert.deepEqual([facts?.source, facts?.destination, facts?.packets], ['fd00::1:40000', 'fd00::2:80', [1, 1]]);
    assert.deepEqual(facts?.tunnels, [
      { type: 'vxlan', sourceAddress: '192.0.2.1', destinationAddress: '192.0.2.2', id: 77 },
      { type: 'mpls', sourceAddress: '', destinationAddress: '', id: 5 },
      { type: 'gtp_u', sourceAddress: 'fd00::a', destinationAddress: 'fd00::b', id: 6 },
    ]);
    send(kit, { protocol: 17, sport: 9 });
    kit.engine.finish();
    assert.deepEqual(kit.sessions[1]?.tunnels, []);
  });

  test('VLANs and the states of a handshake are told', () => {
    const kit = engineKit();
    send(kit, { flags: 'S', seq: 1, vlans: [3, 4, 5] });
    send(kit, { sport: 2, flags: 'S', seq: 1 }, { ...server, dport: 2, flags: 'SA', seq: 9, ack: 2 });
    kit.engine.finish();
    assert.deepEqual(kit.sessions[0]?.vlanIds, [3, 4, 5]);
    assert.deepEqual(
      kit.sessions.map(({ state, midstream, handshakeUs }) => [state, midstream, handshakeUs]),
      [
        ['syn_sent', false, undefined],
        ['syn_received', false, undefined],
      ],
    );
  });
});

describe('ends', () => {
  const second = 1_000_000;

  test('idle time is by protocol, exact, and asked when a packet finds its session', () => {
    const kit = engineKit({ idle_udp_secs: 60 });
    send(kit, { protocol: 17, data: 'a' }, { protocol: 17, data: 'b', ms: 60_000 });
    assert.equal(kit.sessions.length, 0);
    send(kit, { protocol: 17, data: 'c', ms: 120_000.001 });
    assert.deepEqual(kit.times, [{ reason: 'timeout', eventUs: epochUs + 120 * second, timeUs: epochUs + 120 * second }]);
    assert.deepEqual([kit.sessions[0]?.packets, kit.engine.size], [[2, 0], 1]);
  });

  test('the clock of other packets and of clock records ends sessions', () => {
    const kit = engineKit({ idle_icmp_secs: 10, idle_tcp_opening_secs: 20, idle_tcp_secs: 100 });
    send(
      kit,
      { protocol: 1, sport: 8, dport: 0 },
      { flags: 'S', seq: 1 },
      { sport: 5, flags: 'S', seq: 1 },
      { ...server, dport: 5, flags: 'SA', seq: 1, ack: 2 },
    );
    const seen: number[] = [];
    for (const secs of [10, 11, 20, 21, 100, 101]) {
      kit.engine.advance(epochUs + secs * second + 500_000);
      seen.push(kit.sessions.length);
    }
    assert.deepEqual(seen, [1, 1, 2, 2, 3, 3]);
    assert.deepEqual(
      kit.times.map(({ timeUs }) => (timeUs - epochUs) / second),
      [10, 20, 100],
    );
  });

  test('a late packet does not turn the clock back', () => {
    const kit = engineKit({ idle_udp_secs: 60 });
    send(kit, { protocol: 17, ms: 100_000 }, { protocol: 17, ms: 50_000, lagMs: 50_000 }, { protocol: 17, ms: 160_000 });
    assert.equal(kit.sessions.length, 0);
    kit.engine.finish();
    assert.deepEqual([kit.sessions[0]?.startUs, kit.sessions[0]?.lastUs], [epochUs + 100 * second, epochUs + 160 * second]);
  });

  test('of several sources the slowest clock counts, ended ones do not', () => {
    const kit = engineKit({ idle_udp_secs: 60 }, [], { sourceCount: 2 });
    kit.engine.packet(kit.feed.udp({ ms: 0 }), 0);
    kit.engine.advance(epochUs + 500 * second, 1);
    assert.equal(kit.sessions.length, 0);
    kit.engine.advance(epochUs + 61 * second, 0);
    assert.equal(kit.sessions.length, 1);
    kit.engine.packet(kit.feed.udp({ ms: 62_000 }), 0);
    kit.engine.advance(Number.POSITIVE_INFINITY, 0);
    assert.deepEqual([kit.sessions.length, kit.times[1]?.reason], [2, 'timeout']);
  });

  test('a source may begin long before the others', () => {
    const kit = engineKit({ idle_udp_secs: 60, idle_icmp_secs: 10 }, [], { sourceCount: 2 });
    kit.engine.packet(kit.feed.udp({ ms: 1_000_000 }), 0);
    assert.equal(kit.engine.watermarkUs, Number.NEGATIVE_INFINITY);
    kit.engine.packet(kit.feed.packet({ protocol: 1, ms: 0 }), 1);
    assert.ok(kit.engine.watermarkUs <= epochUs);
    kit.engine.advance(epochUs + 11 * second, 1);
    assert.deepEqual(kit.times, [{ reason: 'timeout', eventUs: epochUs + 10 * second, timeUs: epochUs + 10 * second }]);
    assert.ok(kit.engine.watermarkUs > epochUs + 10 * second && kit.engine.watermarkUs <= epochUs + 11 * second);
    kit.engine.advance(Number.POSITIVE_INFINITY, 1);
    kit.engine.advance(epochUs + 1061 * second, 0);
    assert.equal(kit.times.length, 2);
  });

  test('a connection of which only the client is seen is open with its second packet', () => {
    const kit = engineKit({ idle_tcp_opening_secs: 20, idle_tcp_secs: 100 });
    send(
      kit,
      { flags: 'S', seq: 1 },
      { sport: 7, flags: 'S', seq: 1 },
      { flags: 'A', seq: 2, ack: 9 },
      { sport: 7, flags: 'S', seq: 1 },
    );
    kit.engine.advance(epochUs + 21 * second);
    assert.deepEqual(
      kit.sessions.map(({ source }) => source),
      ['10.0.0.1:7'],
    );
  });

  test('closed connections wait for late packets, then end as fin', () => {
    const kit = engineKit({ close_linger_secs: 5 });
    send(
      kit,
      { flags: 'S', seq: 99 },
      { ...server, flags: 'SA', seq: 499, ack: 100 },
      { flags: 'FA', seq: 100, ack: 500 },
      { ...server, flags: 'FA', seq: 500, ack: 101, ms: 1 },
      { flags: 'A', seq: 101, ack: 501, ms: 4000 },
    );
    kit.engine.advance(epochUs + 8 * second);
    assert.equal(kit.sessions.length, 0);
    kit.engine.advance(epochUs + 9.5 * second);
    assert.deepEqual(kit.times, [{ reason: 'fin', eventUs: epochUs + 9 * second, timeUs: epochUs + 4 * second }]);
  });

  test('a new SYN ends a closed connection, and an established one when its number differs', () => {
    const kit = engineKit();
    const open: readonly PacketWords[] = [
      { flags: 'S', seq: 99 },
      { ...server, flags: 'SA', seq: 499, ack: 100 },
    ];
    send(
      kit,
      ...open,
      { flags: 'FA', seq: 100, ack: 500 },
      { ...server, flags: 'FA', seq: 500, ack: 101 },
      { flags: 'S', seq: 7000 },
    );
    assert.deepEqual(
      kit.sessions.map(({ end, state }) => [end, state]),
      [['reused', 'closed']],
    );
    send(kit, { flags: 'S', seq: 9000 });
    assert.equal(kit.sessions.length, 2);
    send(kit, { ...server, flags: 'SA', seq: 1, ack: 9001 }, { ...server, flags: 'SA', seq: 5, ack: 9001 });
    assert.equal(kit.sessions.length, 2);
    kit.engine.finish();
    assert.deepEqual(kit.sessions[2]?.packets, [1, 2]);
    assert.deepEqual([kit.count('closed_reused_sessions'), kit.count('opened_tcp_sessions')], [2, 3]);
  });

  test('a SYN far from what was picked up in the middle is a new connection', () => {
    const kit = engineKit();
    send(kit, { flags: 'A', seq: 5000, data: 'x' }, { flags: 'S', seq: 4000 }, { flags: 'S', seq: 900_000 });
    assert.deepEqual(
      kit.sessions.map(({ end, gaps }) => [end, gaps]),
      [['reused', [999, 0]]],
    );
  });

  test('a full table closes the session that would end first, and counts it', () => {
    const kit = engineKit({ max_sessions: 16 });
    for (let flow = 0; flow < 16; flow += 1) send(kit, { protocol: 17, sport: flow, ms: flow * 1000 });
    send(
      kit,
      { protocol: 17, sport: 0, ms: 16_000 },
      { protocol: 17, sport: 100, ms: 17_000 },
      { protocol: 1, sport: 101, ms: 17_000 },
    );
    assert.deepEqual(
      kit.sessions.map(({ source, end }) => [source, end]),
      [
        ['10.0.0.1:1', 'evicted'],
        ['10.0.0.1:2', 'evicted'],
      ],
    );
    assert.deepEqual([kit.engine.size, kit.count('closed_evicted_sessions'), kit.count('active_sessions')], [16, 2, 16]);
    send(kit, { protocol: 17, sport: 102, ms: 18_000 });
    assert.equal(kit.sessions[2]?.source, '10.0.0.1:101');
  });

  test('sessions in the table are counted by protocol, and those that only wait for late packets', () => {
    const kit = engineKit({ close_linger_secs: 5 });
    const kinds = ['tcp', 'udp', 'icmp', 'sctp', 'esp', 'other'] as const;
    const held = (): number[] => [
      ...kinds.map((kind) => kit.count(`active_${kind}_sessions`)),
      kit.count('closing_sessions'),
      kit.count('active_sessions'),
    ];
    for (const [index, protocol] of [6, 6, 17, 1, 58, 132, 50, 51, 47, 0].entries()) send(kit, { protocol, sport: index + 1 });
    assert.deepEqual(held(), [2, 1, 2, 1, 2, 2, 0, 10]);
    send(kit, { flags: 'S', seq: 99 }, { ...server, flags: 'RA', seq: 0, ack: 100 });
    assert.deepEqual(held(), [3, 1, 2, 1, 2, 2, 1, 11]);
    kit.engine.finish();
    assert.deepEqual(held(), [0, 0, 0, 0, 0, 0, 0, 0]);
  });

  test('at the end of the source what is over by its clock has timed out', () => {
    const kit = engineKit({ idle_udp_secs: 60 });
    send(kit, { protocol: 17, sport: 1 }, { protocol: 17, sport: 2, ms: 60_001 });
    kit.engine.advance(Number.POSITIVE_INFINITY);
    kit.engine.finish();
    assert.deepEqual(
      kit.sessions.map(({ source, end }) => [source, end]),
      [
        ['10.0.0.1:1', 'timeout'],
        ['10.0.0.1:2', 'stopped'],
      ],
    );
  });
});

describe('parts', () => {
  test('long sessions are saved in parts that count what is new', () => {
    const kit = engineKit({ save_secs: 100, idle_tcp_secs: 1000 });
    send(
      kit,
      { flags: 'S', seq: 99, ttl: 9 },
      { ...server, flags: 'SA', seq: 499, ack: 100, ms: 1000 },
      { flags: 'A', seq: 100, ack: 500, data: 'abc', ms: 99_999 },
      { flags: 'A', seq: 103, ack: 500, data: 'defg', ms: 100_000, ttl: 3 },
      { flags: 'A', seq: 107, ack: 500, data: 'h', ms: 199_999 },
    );
    kit.engine.finish();
    assert.deepEqual(
      kit.sessions.map(({ end, part, packets, payload, flags, ttl }) => [end, part, packets, payload, flags, ttl]),
      [
        ['part', 0, [2, 1], [3, 0], [0x12, 0x12], [9, 64]],
        ['stopped', 1, [2, 0], [5, 0], [0x10, 0], [9, 64]],
      ],
    );
    assert.equal(new Set(kit.sessions.map(({ id }) => id)).size, 1);
    assert.equal(kit.count('saved_parts'), 1);
  });

  test('and after so many packets', () => {
    const kit = engineKit({ save_packets: 3 });
    for (let packet = 0; packet < 7; packet += 1) send(kit, { ...(packet % 2 ? server : {}), protocol: 17, data: 'x' });
    kit.engine.finish();
    assert.deepEqual(
      kit.sessions.map(({ packets }) => packets),
      [
        [2, 1],
        [1, 2],
        [1, 0],
      ],
    );
  });
});

describe('datagrams', () => {
  const probe = (_: number, text: string): Verdict => (text.startsWith('>') ? Verdict.certain : Verdict.no);

  test('a decoder that is done gets no more of them', () => {
    const log: string[] = [];
    const kit = engineKit({}, [scripted(log, { transports: ['udp'], probe, data: () => DONE })]);
    send(kit, { protocol: 17, data: 'hm' }, { protocol: 17, data: '>a' }, { protocol: 17, data: '>b' });
    kit.engine.finish();
    assert.deepEqual(log, ['data 0 >a', 'end stopped']);
  });

  test('after a handover they are probed again, the rest of the same one first', () => {
    const log: string[] = [];
    const data: Script['data'] = (_, text, context, from) => {
      context.handoverAt = from + 2;
      return text.endsWith('!') ? HANDOVER : 40;
    };
    const kit = engineKit({}, [scripted(log, { transports: ['udp'], probe, data })]);
    send(
      kit,
      { protocol: 17, data: '>!>!' },
      { ...server, protocol: 17, data: 'no' },
      { ...server, protocol: 17, data: '>c' },
      { protocol: 17, data: 'any' },
    );
    kit.engine.finish();
    assert.deepEqual(log, ['data 0 >!>!', 'data 0 >!', 'data 1 >c', 'data 0 any', 'end handover', 'end handover', 'end stopped']);
    assert.deepEqual(kit.sessions[0]?.protocols, ['tape']);
  });
});

describe('what decoders tell', () => {
  const type = defineRecordType<{ readonly text: string }>({ name: 'tape', meaning: 'A tape.', fields: [] });
  const odd = defineAnomalies('tape', { odd: 'Odd.', odder: 'Odder.' });
  const many: SessionField = { name: 'tape.many', type: 'keyword', many: true, meaning: 'Many.' };
  const single: SessionField = { name: 'tape.single', type: 'keyword', many: false, meaning: 'One.' };

  test('records carry the id and the order of their session; anomalies make a record once', () => {
    const decoder = scripted([], {
      transports: ['udp'],
      data: (_, text, context) => {
        context.emit(type, { text }, context.startUs);
        context.anomaly(odd.odd, context.startUs);
        if (text === 'b') context.anomaly(odd.odder, context.startUs);
        return 0;
      },
    });
    const kit = engineKit({}, [decoder]);
    send(kit, { protocol: 17, data: 'a' }, { ...server, protocol: 17, data: 'b' });
    kit.engine.finish();
    assert.deepEqual(
      kit.records.map(({ type: name, record, index }) => [name, record, index]),
      [
        ['tape', { text: 'a' }, 0],
        ['tape', { text: 'b' }, 1],
      ],
    );
    assert.deepEqual(new Set(kit.records.map(({ id }) => id)), new Set([kit.sessions[0]?.id]));
    assert.deepEqual(kit.anomalies, ['tape.odd 40000', 'tape.odder 40000']);
    assert.deepEqual([kit.count('anomalies'), kit.count('suppressed_anomalies')], [3, 1]);
  });

  test('notes are distinct and bounded, and begin anew with each part but for single values', () => {
    const decoder = scripted([], {
      transports: ['udp'],
      data: (_, text, context) => {
        context.note(many, text);
        context.note(single, text);
        return 0;
      },
    });
    const kit = engineKit({ max_note_values: 2, max_note_bytes: 16, save_packets: 5 }, [decoder], { fields: [many, single] });
    for (const text of ['a', 'a', 'b', 'c', 'x'.repeat(20), 'd']) send(kit, { protocol: 17, data: text });
    kit.engine.finish();
    assert.deepEqual(
      kit.sessions.map(({ part, notes }) => [part, notes]),
      [
        [0, [['a', 'b'], ['a']]],
        [1, [['d'], ['a']]],
      ],
    );
    assert.deepEqual([kit.count('dropped_note_values'), kit.count('cut_note_values')], [2, 2]);
  });

  test('without the notes of decoders sessions have only tags, unless somebody wants the others', () => {
    const decoder = scripted([], {
      transports: ['udp'],
      data: (_, text, context) => {
        context.note(single, text);
        context.note(tagsField, 'odd');
        return 0;
      },
    });
    const notesOf = (engine: Partial<Pick<SessionEngineOptions, 'rules' | 'details'>>): unknown => {
      const kit = engineKit({ decoder_notes: false }, [decoder], { fields: [single, tagsField], engine });
      send(kit, { protocol: 17, data: 'a' });
      kit.engine.finish();
      return kit.sessions[0]?.notes;
    };
    assert.deepEqual(notesOf({}), [[], ['odd']]);
    assert.deepEqual(notesOf({ details: true }), [['a'], ['odd']]);
    assert.deepEqual(notesOf({ rules: { current: () => interested, drops: undefined } }), [['a'], ['odd']]);
  });

  test('datagrams are probed a few times, then left alone', () => {
    let probes = 0;
    const decoder = scripted([], {
      transports: ['udp'],
      probe: () => {
        probes += 1;
        return Verdict.no;
      },
    });
    const kit = engineKit({ probe_datagrams: 3 }, [decoder]);
    for (let packet = 0; packet < 6; packet += 1) send(kit, { protocol: 17, data: 'x' });
    assert.equal(probes, 3);
  });
});
