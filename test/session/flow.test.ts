import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type DecoderContext, type DecoderDefinition, DONE, Verdict } from '../../src/decoders/index.ts';
import { defineAnomalies, type SessionField } from '../../src/record/index.ts';
import { engineKit, type Kit, type Script, scripted } from './engine-kit.ts';
import type { PacketWords } from './ring-feeder.ts';

const server: PacketWords = { src: '10.0.0.2', dst: '10.0.0.1', sport: 80, dport: 40_000 };
const words: SessionField = { name: 'tape.words', type: 'keyword', many: true, meaning: 'w' };

function send(kit: Kit, ...packets: readonly PacketWords[]): void {
  for (const packet of packets) kit.engine.packet(kit.feed.packet(packet));
}

/** Pairs questions `?…` with answers `!…`; idle when nothing is open. What happens to it is in `log`. */
function pairing(log: string[], done = false): DecoderDefinition {
  const definition = scripted(log, { transports: ['udp'] });
  const odd = defineAnomalies('tape', { odd: 'o' }).odd;
  return {
    ...definition,
    probe: () => {
      log.push('probe');
      return Verdict.certain;
    },
    create: (first: DecoderContext) => {
      log.push('create');
      let context = first;
      let open = 0;
      return {
        get isIdle() {
          return open === 0;
        },
        recycle(next) {
          log.push('recycle');
          context = next;
          open = 0;
        },
        data(_, bytes, from, to) {
          const text = bytes.toString('latin1', from, to);
          log.push(`${context.clientPort} ${text}`);
          context.note(words, text);
          if (text.startsWith('?')) open += 1;
          else if (text.startsWith('!')) open -= 1;
          else context.anomaly(odd, context.startUs);
          return done && open === 0 ? DONE : 0;
        },
        skipped: () => {},
        gap: () => true,
        finished: () => {},
        end: (reason) => log.push(`${context.clientPort} end ${reason} with ${open}`),
      };
    },
  };
}

const question = (port: number, text: string): PacketWords => ({ protocol: 17, sport: port, data: text });
const answer = (port: number, text: string): PacketWords => ({ ...server, protocol: 17, dport: port, data: text });

describe('a session of datagrams', () => {
  test('has no decoder while that holds nothing, and remembers protocol and notes', () => {
    const log: string[] = [];
    const kit = engineKit({ save_packets: 3 }, [pairing(log)], { fields: [words] });
    send(kit, question(1, '?a'), answer(1, '!a'), question(2, '?b'), answer(2, '!b'), question(1, '?c'), answer(1, '!c'));
    kit.engine.finish();
    assert.deepEqual(log, ['probe', 'create', '1 ?a', '1 !a', 'probe', 'recycle', '2 ?b', '2 !b', 'recycle', '1 ?c', '1 !c']);
    assert.deepEqual(
      kit.sessions.map(({ source, protocols, notes, end }) => [source, protocols, notes, end]),
      [
        ['10.0.0.1:1', ['tape'], [['?a', '!a', '?c']].map((list) => list.slice(0, 3)), 'part'],
        ['10.0.0.1:1', ['tape'], [['!c']], 'stopped'],
        ['10.0.0.1:2', ['tape'], [['?b', '!b']], 'stopped'],
      ],
    );
    assert.deepEqual([kit.count('recognised_sessions'), kit.count('note_bytes')], [2, 0]);
  });

  test('keeps a decoder that holds something, or that told of an anomaly', () => {
    const log: string[] = [];
    const kit = engineKit({}, [pairing(log)]);
    send(kit, question(1, '?a'), question(2, '?b'), answer(1, '!a'), question(3, 'odd'), question(3, 'odd'));
    kit.engine.finish();
    const calls = log.filter((line) => line !== 'probe');
    assert.deepEqual(calls.slice(0, 8), ['create', '1 ?a', 'create', '2 ?b', '1 !a', 'recycle', '3 odd', '3 odd']);
    assert.deepEqual(calls.slice(8).sort(), ['2 end stopped with 1', '3 end stopped with 0']);
    assert.deepEqual([kit.count('anomalies'), kit.count('suppressed_anomalies')], [2, 1]);
  });

  test('lets an idle decoder that is done go for good', () => {
    const log: string[] = [];
    const kit = engineKit({}, [pairing(log, true)], { fields: [words] });
    send(kit, question(1, '?a'), answer(1, '!a'), question(1, '?b'), question(2, '?c'));
    kit.engine.finish();
    assert.deepEqual(log, ['probe', 'create', '1 ?a', '1 !a', 'probe', 'recycle', '2 ?c', '2 end stopped with 1']);
    assert.deepEqual(
      kit.sessions.map(({ protocols, notes }) => [protocols, notes]),
      [
        [['tape'], [['?a', '!a']]],
        [['tape'], [['?c']]],
      ],
    );
  });

  test('leaves its decoder to sessions of datagrams: a stream gets another', () => {
    const log: string[] = [];
    const kit = engineKit({}, [{ ...pairing(log), transports: ['tcp', 'udp'] }]);
    send(kit, question(1, '?a'), answer(1, '!a'), { flags: 'S', seq: 99, sport: 2 }, { seq: 100, sport: 2, data: '?b' });
    send(kit, question(3, '?c'));
    assert.deepEqual(
      log.filter((line) => line !== 'probe'),
      ['create', '1 ?a', '1 !a', 'create', '2 ?b', 'recycle', '3 ?c'],
    );
  });

  test('gives back what it holds when it is evicted', () => {
    const log: string[] = [];
    const kit = engineKit({ max_sessions: 16 }, [pairing(log)], { fields: [words] });
    for (let port = 1; port <= 40; port += 1) send(kit, question(port, `?${port}`));
    assert.equal(kit.count('note_bytes'), 16 * 32);
    kit.engine.finish();
    assert.deepEqual([kit.count('closed_evicted_sessions'), kit.count('note_bytes')], [24, 0]);
    assert.deepEqual(
      kit.sessions.map(({ source, notes }) => `${source} ${notes}`).sort(),
      Array.from({ length: 40 }, (_, index) => `10.0.0.1:${index + 1} ?${index + 1}`).sort(),
    );
    assert.equal(log.filter((line) => line === 'create').length, 16);
    assert.equal(log.filter((line) => line.endsWith('with 1')).length, 40);
  });
});

/** Certain once `length` bytes are there, when they begin with `start`; no other is. */
function beginning(start: string, length: number): Script {
  return {
    probe: (_, text) => {
      if (!text.startsWith(start.slice(0, text.length))) return Verdict.no;
      return text.length < length ? Verdict.needMore : Verdict.certain;
    },
  };
}

describe('the first bytes of a stream', () => {
  const syn: PacketWords = { flags: 'S', seq: 99 };
  const synAck: PacketWords = { ...server, flags: 'SA', seq: 499, ack: 100 };

  test('are kept while undecided, and then come first', () => {
    const log: string[] = [];
    const kit = engineKit({}, [scripted(log, beginning('hello', 8))]);
    send(kit, syn, synAck, { flags: 'A', seq: 100, data: 'hel' }, { ...server, flags: 'A', seq: 500, data: 'he' });
    assert.equal(kit.count('probing_bytes'), 128);
    send(kit, { flags: 'A', seq: 103, data: 'lo' });
    assert.deepEqual(log, []);
    send(kit, { flags: 'A', seq: 105, data: ' world' });
    assert.deepEqual(log, ['data 1 he', 'data 0 hello', 'data 0  world']);
    assert.equal(kit.count('probing_bytes'), 0);
    kit.engine.finish();
    assert.deepEqual(kit.sessions[0]?.protocols, ['tape']);
  });

  test('are forgotten when they are of no protocol, end, or their session does', () => {
    const log: string[] = [];
    const kit = engineKit({ max_sessions: 16 }, [scripted(log, beginning('hello', 8))]);
    send(kit, { flags: 'A', seq: 100, data: 'he' }, { flags: 'A', seq: 102, data: 'y' });
    assert.equal(kit.count('probing_bytes'), 0);
    send(kit, { sport: 1, flags: 'A', seq: 100, data: 'he' }, { sport: 1, flags: 'FA', seq: 102 });
    assert.equal(kit.count('probing_bytes'), 0);
    send(kit, { sport: 2, flags: 'FA', seq: 100, data: 'he' });
    assert.equal(kit.count('probing_bytes'), 0);
    send(kit, { sport: 3, flags: 'A', seq: 100, data: 'he' }, { sport: 3, flags: 'R', seq: 102 });
    assert.equal(kit.count('probing_bytes'), 64);
    for (let port = 4; port < 40; port += 1) send(kit, { sport: port, flags: 'A', seq: 100, data: 'he' });
    // The first three hold nothing, and of one tick the younger session goes.
    assert.equal(kit.count('probing_bytes'), 13 * 64);
    kit.engine.finish();
    assert.equal(kit.count('probing_bytes'), 0);
    assert.deepEqual([log, kit.count('recognised_sessions')], [[], 0]);
  });

  test('stay with their side when the session is turned round', () => {
    const log: string[] = [];
    const kit = engineKit({}, [scripted(log, beginning('hello', 5))]);
    send(kit, { ...server, flags: 'A', seq: 500, data: 'hel' }, { ...server, flags: 'SA', seq: 499, ack: 100 });
    send(kit, { ...server, flags: 'A', seq: 503, data: 'lo' });
    kit.engine.finish();
    assert.deepEqual(log, ['data 1 hel', 'data 1 lo', 'end stopped']);
    assert.equal(kit.sessions[0]?.source, '10.0.0.1:40000');
  });

  test('are followed by what comes after them, whatever turns up below', () => {
    for (const below of [
      { flags: 'S', seq: 97 },
      { flags: 'A', seq: 90, data: 'xx' },
    ]) {
      const log: string[] = [];
      const kit = engineKit({}, [scripted(log, beginning('hello', 5))]);
      send(kit, { flags: 'A', seq: 100, data: 'hel' }, below, { flags: 'A', seq: 103, data: 'lo' });
      send(kit, { flags: 'A', seq: 105, data: '!' });
      kit.engine.finish();
      assert.deepEqual(log, ['data 0 hel', 'data 0 lo', 'data 0 !', 'end stopped']);
      assert.equal(kit.count('probing_bytes'), 0);
    }
  });

  test('wait for what is missing between, and for a FIN that came before it', () => {
    for (const late of [
      { flags: 'A', seq: 105, data: '!' },
      { flags: 'FA', seq: 105 },
      { flags: 'A', seq: 104 },
    ]) {
      const log: string[] = [];
      const kit = engineKit({}, [scripted(log, beginning('hello', 5))]);
      send(kit, syn, { flags: 'A', seq: 100, data: 'hel' }, late, { flags: 'A', seq: 103, data: 'lo' });
      kit.engine.finish();
      assert.deepEqual(log.slice(0, 2), ['data 0 hel', 'data 0 lo']);
      assert.deepEqual(log.at(2), late.data !== undefined ? 'data 0 !' : late.flags === 'FA' ? 'finished 0' : 'end stopped');
    }
  });

  test('are given up when the stream is lost, or cut by the snap length', () => {
    const log: string[] = [];
    const kit = engineKit({}, [scripted(log, beginning('hello', 5))]);
    send(kit, syn, { flags: 'A', seq: 100, data: 'hel' });
    const far = 100 + 0x5000_0000;
    for (let count = 0; count < 4; count += 1) send(kit, { flags: 'A', seq: far });
    send(kit, { flags: 'A', seq: far, data: 'lo' });
    send(kit, { sport: 2, flags: 'A', seq: 100, data: 'hel', wirePayload: 9 }, { sport: 2, flags: 'A', seq: 109, data: 'lo' });
    kit.engine.finish();
    assert.deepEqual([log, kit.count('probing_bytes')], [[], 0]);
  });

  test('have a limit for all streams together, beyond which the protocol stays unknown', () => {
    const log: string[] = [];
    const kit = engineKit({ probe_total_bytes: 4096 }, [scripted(log, beginning('hello', 5))]);
    for (let port = 1; port <= 70; port += 1) send(kit, { sport: port, flags: 'A', seq: 100, data: 'he' });
    assert.deepEqual([kit.count('probing_bytes'), kit.count('refused_probings')], [4096, 6]);
    for (let port = 1; port <= 70; port += 1) send(kit, { sport: port, flags: 'A', seq: 102, data: 'llo' });
    assert.deepEqual([kit.count('probing_bytes'), kit.count('recognised_sessions')], [0, 64]);
    // Fifteen large blocks fit; a direction that cannot have one loses its small one.
    const many = engineKit({ probe_total_bytes: 4096 }, [scripted(log, beginning('h'.repeat(200), 200))]);
    for (let port = 1; port <= 16; port += 1) {
      send(many, { sport: port, flags: 'A', seq: 100, data: 'h' }, { sport: port, flags: 'A', seq: 101, data: 'h'.repeat(90) });
    }
    assert.deepEqual([many.count('probing_bytes'), many.count('refused_probings')], [14 * 272, 2]);
    many.engine.finish();
    assert.equal(many.count('probing_bytes'), 0);
  });
});
