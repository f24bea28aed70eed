import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DONE, HANDOVER, Verdict } from '../../src/decoders/index.ts';
import type { SessionConfig } from '../../src/session/index.ts';
import { type CopiedFacts, engineKit, type Kit, type Script, scripted } from './engine-kit.ts';
import type { PacketWords } from './ring-feeder.ts';

const server: PacketWords = { src: '10.0.0.2', dst: '10.0.0.1', sport: 80, dport: 40_000 };

/** Plays segments to an engine with one scripted decoder and returns what the decoder and the sink heard. */
function play(
  segments: readonly PacketWords[],
  script: Script = {},
  config: Partial<SessionConfig> = {},
): { log: string[]; kit: Kit } {
  const log: string[] = [];
  const kit = engineKit(config, [scripted(log, script)]);
  for (const segment of segments) kit.engine.packet(kit.feed.tcp(segment));
  return { log, kit };
}

function finish(kit: Kit): CopiedFacts {
  kit.engine.finish();
  return kit.sessions.at(-1) as CopiedFacts;
}

const handshake: readonly PacketWords[] = [
  { flags: 'S', seq: 99, windowScale: 7 },
  { ...server, flags: 'SA', seq: 499, ack: 100, windowScale: 7, ms: 1 },
  { flags: 'A', seq: 100, ack: 500, ms: 3 },
];

describe('in order', () => {
  test('data go to the decoder as they come, and the session ends with FIN both ways', () => {
    const { log, kit } = play([
      ...handshake,
      { flags: 'PA', seq: 100, ack: 500, data: 'hello', ms: 4 },
      { ...server, flags: 'PA', seq: 500, ack: 105, data: 'world', ms: 5 },
      { flags: 'FA', seq: 105, ack: 505, ms: 6 },
      { ...server, flags: 'FA', seq: 505, ack: 106, ms: 7 },
      { flags: 'A', seq: 106, ack: 506, ms: 8 },
    ]);
    assert.deepEqual(log, ['data 0 hello', 'data 1 world', 'finished 0', 'finished 1']);
    const facts = finish(kit);
    assert.deepEqual(log.at(-1), 'end fin');
    assert.deepEqual(
      [facts.state, facts.end, facts.handshakeUs, facts.packets, facts.payload, facts.gaps, facts.retransmitted],
      ['closed', 'fin', 3000, [5, 3], [5, 5], [0, 0], [0, 0]],
    );
  });

  test('data on the SYN and on the FIN are delivered', () => {
    const { log, kit } = play([
      { flags: 'S', seq: 99, data: 'fast' },
      { ...server, flags: 'SA', seq: 499, ack: 104 },
      { flags: 'FA', seq: 104, ack: 500, data: 'open' },
    ]);
    assert.deepEqual(log, ['data 0 fast', 'data 0 open', 'finished 0']);
    assert.deepEqual(finish(kit).payload, [8, 0]);
  });

  test('the sequence numbers wrap', () => {
    const { log, kit } = play([
      { flags: 'S', seq: 0xffff_fffc },
      { flags: 'A', seq: 0xffff_fffd, data: 'abcdef' },
      { flags: 'A', seq: 7, data: 'jkl' },
      { flags: 'A', seq: 3, data: 'ghi-' },
    ]);
    assert.deepEqual(log, ['data 0 abcdef', 'data 0 ghi-', 'data 0 jkl']);
    assert.deepEqual(finish(kit).payload, [13, 0]);
  });

  test('after a half-close the other side goes on', () => {
    const { log, kit } = play([
      ...handshake,
      { flags: 'FA', seq: 100, ack: 500 },
      { ...server, flags: 'A', seq: 500, ack: 101, data: 'more' },
      { ...server, flags: 'A', seq: 504, ack: 101, data: 'and more' },
    ]);
    assert.deepEqual(log, ['data 1 more', 'data 1 and more']);
    assert.equal(finish(kit).state, 'half_closed');
  });
});

describe('repeated segments', () => {
  test('a retransmission is dropped and counted', () => {
    const { log, kit } = play([...handshake, { flags: 'A', seq: 100, data: 'abc' }, { flags: 'A', seq: 100, data: 'abc' }]);
    assert.deepEqual(log, ['data 0 abc']);
    const facts = finish(kit);
    assert.deepEqual(
      [facts.payload, facts.retransmitted, facts.packets],
      [
        [3, 0],
        [1, 0],
        [4, 1],
      ],
    );
    assert.equal(kit.count('tcp_retransmitted_packets'), 1);
  });

  test('of an overlap what came first stays', () => {
    const { log, kit } = play([...handshake, { flags: 'A', seq: 100, data: 'abc' }, { flags: 'A', seq: 101, data: 'XYde' }]);
    assert.deepEqual(log, ['data 0 abc', 'data 0 de']);
    assert.deepEqual(finish(kit).payload, [5, 0]);
  });

  test('keep-alives and zero-window probes are neither data nor retransmissions', () => {
    const { log, kit } = play([
      ...handshake,
      { flags: 'A', seq: 99, ack: 500, data: '\0' },
      { flags: 'A', seq: 100, ack: 500, data: 'abc' },
      { flags: 'A', seq: 102, ack: 500, data: '\0' },
      { flags: 'A', seq: 102, ack: 500 },
      { flags: 'A', seq: 103, ack: 500, data: 'd' },
      { flags: 'A', seq: 103, ack: 500, data: 'd' },
      { flags: 'A', seq: 104, ack: 500, data: 'e' },
    ]);
    assert.deepEqual(log, ['data 0 abc', 'data 0 d', 'data 0 e']);
    const facts = finish(kit);
    assert.deepEqual(
      [facts.payload, facts.retransmitted, facts.gaps],
      [
        [5, 0],
        [0, 0],
        [0, 0],
      ],
    );
  });

  test('a repeated SYN is no new connection', () => {
    const { kit } = play([
      { flags: 'S', seq: 99 },
      { flags: 'S', seq: 99 },
      { ...server, flags: 'SA', seq: 1, ack: 100 },
    ]);
    const facts = finish(kit);
    assert.deepEqual([kit.sessions.length, facts.packets, facts.retransmitted], [1, [2, 1], [1, 0]]);
  });
});

describe('out of order', () => {
  test('segments wait for the missing one', () => {
    const { log, kit } = play([
      ...handshake,
      { flags: 'A', seq: 106, data: 'ghi' },
      { flags: 'A', seq: 103, data: 'def' },
      { flags: 'A', seq: 100, data: 'abc' },
    ]);
    assert.deepEqual(log, ['data 0 abc', 'data 0 def', 'data 0 ghi']);
    const facts = finish(kit);
    assert.deepEqual(
      [facts.payload, facts.gaps, facts.outOfOrder],
      [
        [9, 0],
        [0, 0],
        [2, 0],
      ],
    );
    assert.equal(kit.count('tcp_queued_segments'), 2);
    assert.equal(kit.count('tcp_queued_bytes'), 0);
  });

  test('waiting segments that overlap are put together once', () => {
    const { log } = play([
      ...handshake,
      { flags: 'A', seq: 104, data: 'efgh' },
      { flags: 'A', seq: 102, data: 'cdXXXXij' },
      { flags: 'A', seq: 100, data: 'ab' },
    ]);
    assert.equal(log.map((line) => line.slice('data 0 '.length)).join(''), 'abcdefghij');
  });

  test('a FIN that comes early ends the stream when its place is reached', () => {
    const { log } = play([...handshake, { flags: 'FA', seq: 103, data: 'def' }, { flags: 'A', seq: 100, data: 'abc' }]);
    assert.deepEqual(log, ['data 0 abc', 'data 0 def', 'finished 0']);
  });

  test('a FIN below what was seen does not end the stream', () => {
    const { log, kit } = play([
      ...handshake,
      { flags: 'A', seq: 100, data: 'abc' },
      { flags: 'FA', seq: 101 },
      { flags: 'A', seq: 103, data: 'def' },
    ]);
    assert.deepEqual(log, ['data 0 abc', 'data 0 def']);
    assert.equal(finish(kit).state, 'established');
  });

  test('a SYN that comes late belongs to the connection', () => {
    const { kit } = play([
      { ...server, flags: 'SA', seq: 499, ack: 100 },
      { flags: 'A', seq: 103, ack: 500, data: 'def' },
      { flags: 'S', seq: 99 },
      { flags: 'A', seq: 100, ack: 500, data: 'abc' },
    ]);
    const facts = finish(kit);
    assert.deepEqual([kit.sessions.length, facts.midstream, facts.payload, facts.gaps], [1, false, [6, 0], [0, 0]]);
  });
});

describe('holes', () => {
  const holed: readonly PacketWords[] = [
    ...handshake,
    { flags: 'A', seq: 100, ack: 500, data: 'abc', ms: 10 },
    { flags: 'A', seq: 110, ack: 500, data: 'klm', ms: 20 },
  ];

  test('a hole that the receiver has acknowledged is given up after a short wait, before what the receiver sends', () => {
    const { log, kit } = play([
      ...holed,
      { ...server, flags: 'A', seq: 500, ack: 113, ms: 21 },
      { ...server, flags: 'A', seq: 500, ack: 113, data: 'answer', ms: 40 },
    ]);
    assert.deepEqual(log, ['data 0 abc', 'gap 0 7', 'data 0 klm', 'data 1 answer']);
    assert.equal(kit.count('holes_given_up_acked'), 1);
    assert.deepEqual(kit.anomalies, ['tcp.acked_unseen_bytes 40000']);
    assert.deepEqual(finish(kit).gaps, [7, 0]);
  });

  test('bytes that were only late in the capture fill an acknowledged hole', () => {
    const { log, kit } = play([
      ...holed,
      { ...server, flags: 'A', seq: 500, ack: 113, ms: 21 },
      { flags: 'A', seq: 103, ack: 500, data: 'defghij', ms: 22 },
    ]);
    assert.deepEqual(log, ['data 0 abc', 'data 0 defghij', 'data 0 klm']);
    assert.deepEqual(finish(kit).gaps, [0, 0]);
  });

  test('a hole is given up when its time is over', () => {
    const { log, kit } = play([
      ...holed,
      { flags: 'A', seq: 113, ack: 500, data: 'nop', ms: 5019 },
      { flags: 'A', seq: 116, ack: 500, ms: 5020 },
    ]);
    assert.deepEqual(log, ['data 0 abc', 'gap 0 7', 'data 0 klm', 'data 0 nop']);
    assert.equal(kit.count('holes_given_up_time'), 1);
  });

  test('bytes that come after their hole was given up are no longer delivered, but are not missing', () => {
    const { log, kit } = play([
      ...holed,
      { flags: 'A', seq: 113, ack: 500, ms: 6000 },
      { flags: 'A', seq: 103, ack: 500, data: 'defghij', ms: 6001 },
    ]);
    assert.deepEqual(log, ['data 0 abc', 'gap 0 7', 'data 0 klm']);
    const facts = finish(kit);
    assert.deepEqual(
      [facts.payload, facts.gaps],
      [
        [13, 0],
        [0, 0],
      ],
    );
  });

  test('too many waiting segments, bytes, or bytes in all give a hole up', () => {
    const segments = [
      ...handshake,
      { flags: 'A', seq: 100, data: 'abc' },
      { flags: 'A', seq: 200, data: 'aa' },
      { flags: 'A', seq: 300, data: 'bb' },
      { flags: 'A', seq: 400, data: 'cc' },
    ];
    const many = play(segments, {}, { tcp_queue_segments: 2 });
    assert.deepEqual(many.log, ['data 0 abc', 'gap 0 97', 'data 0 aa']);
    assert.equal(many.kit.count('holes_given_up_segments'), 1);
    const bytes = play(segments, {}, { tcp_queue_bytes: 4 });
    assert.equal(bytes.kit.count('holes_given_up_bytes'), 1);
    const total = play(segments, {}, { tcp_queue_total_bytes: 300 });
    assert.equal(total.kit.count('holes_given_up_total'), 2);
    assert.equal(total.kit.count('tcp_queued_bytes'), 258);
  });

  test('what still waits at the end of the session is delivered', () => {
    const { log, kit } = play([...holed, { flags: 'FA', seq: 120, ack: 500, ms: 30 }]);
    finish(kit);
    assert.deepEqual(log, ['data 0 abc', 'gap 0 7', 'data 0 klm', 'gap 0 7', 'finished 0', 'end stopped']);
    assert.equal(kit.count('holes_given_up_end'), 2);
    assert.equal(kit.count('tcp_queued_bytes'), 0);
  });

  test('a decoder that cannot go on after a gap gets nothing but its end', () => {
    const { log, kit } = play([...holed, { flags: 'A', seq: 113, ack: 500, data: 'x', ms: 9000 }], { gap: () => false });
    finish(kit);
    assert.deepEqual(log, ['data 0 abc', 'gap 0 7', 'end stopped']);
  });

  test('bytes cut by the snap length are a gap', () => {
    const { log, kit } = play([
      ...handshake,
      { flags: 'A', seq: 100, data: 'abc', wirePayload: 10 },
      { flags: 'A', seq: 110, data: 'klm' },
      { flags: 'A', seq: 113, wirePayload: 5 },
    ]);
    assert.deepEqual(log, ['data 0 abc', 'gap 0 7', 'data 0 klm', 'gap 0 5']);
    assert.deepEqual(finish(kit).payload, [18, 0]);
  });

  test('a FIN that was never captured is no missing byte', () => {
    const { kit } = play([...handshake, { flags: 'A', seq: 100, data: 'abc' }, { flags: 'A', seq: 104 }]);
    assert.deepEqual(finish(kit).gaps, [0, 0]);
    const { kit: two } = play([...handshake, { flags: 'A', seq: 100, data: 'abc' }, { flags: 'A', seq: 105 }]);
    assert.deepEqual(finish(two).gaps, [2, 0]);
    const { kit: data } = play([...handshake, { flags: 'A', seq: 100, data: 'abc' }, { flags: 'A', seq: 104, data: 'e' }]);
    assert.deepEqual(finish(data).gaps, [1, 0]);
  });

  test('segments beyond any window are not of the stream, until there is nothing else', () => {
    const far = 100 + 0x5000_0000;
    const { log, kit } = play([
      ...handshake,
      { flags: 'A', seq: 100, data: 'abc' },
      { flags: 'A', seq: far, data: 'evil' },
      { flags: 'A', seq: 103, data: 'def' },
      ...[0, 1, 2, 3].map((step) => ({ flags: 'A', seq: far + step * 2, data: `${step}.` })),
    ]);
    assert.deepEqual(log, ['data 0 abc', 'data 0 def', 'gap 0 0', 'data 0 3.']);
    assert.equal(kit.count('tcp_out_of_window_packets'), 4);
    assert.deepEqual(kit.anomalies, ['tcp.segment_out_of_window 40000', 'tcp.stream_lost 40000']);
  });
});

describe('picked up in the middle', () => {
  test('the first data begin the stream and are probed', () => {
    const { log, kit } = play([
      { flags: 'PA', seq: 5000, ack: 9, data: 'GET' },
      { ...server, flags: 'A', seq: 9, ack: 5003, data: 'OK' },
    ]);
    assert.deepEqual(log, ['data 0 GET', 'data 1 OK']);
    const facts = finish(kit);
    assert.deepEqual([facts.midstream, facts.state, facts.payload], [true, 'midstream', [3, 2]]);
  });

  test('a side whose first data do not look like a beginning is announced by gap 0', () => {
    const probe = (_: number, text: string): Verdict => (text.startsWith('GET') ? Verdict.certain : Verdict.no);
    const { log } = play(
      [
        { flags: 'PA', seq: 5000, ack: 9, data: 'GET' },
        { ...server, flags: 'A', seq: 9, ack: 5003, data: 'rest of something' },
        { ...server, flags: 'A', seq: 26, ack: 5003, data: 'more' },
      ],
      { probe },
    );
    assert.deepEqual(log, ['data 0 GET', 'gap 1 0', 'data 1 rest of something', 'data 1 more']);
  });

  test('bytes that went by before the other side was recognised are a gap', () => {
    const probe = (direction: number): Verdict => (direction === 1 ? Verdict.certain : Verdict.no);
    const { log } = play(
      [
        ...handshake,
        { flags: 'A', seq: 100, ack: 500, data: 'hmm' },
        { ...server, flags: 'A', seq: 500, ack: 103, data: 'banner' },
        { flags: 'A', seq: 103, ack: 506, data: 'yes' },
      ],
      { probe },
    );
    assert.deepEqual(log, ['data 1 banner', 'gap 0 3', 'data 0 yes']);
  });

  test('by option decoders do not see such sessions', () => {
    const { log, kit } = play([{ flags: 'PA', seq: 5000, data: 'GET' }], {}, { tcp_midstream: false });
    assert.deepEqual(log, []);
    assert.deepEqual(finish(kit).payload, [3, 0]);
  });

  test('a stream whose first bytes are lost is probed from the next ones on', () => {
    const { log } = play([
      ...handshake,
      { flags: 'A', seq: 110, ack: 500, data: 'GET' },
      { flags: 'A', seq: 113, ack: 500, ms: 9000 },
    ]);
    assert.deepEqual(log, ['data 0 GET']);
  });

  test('an earlier segment that comes late counts as seen', () => {
    const { kit } = play([
      { flags: 'A', seq: 5010, data: 'later' },
      { flags: 'A', seq: 5000, data: 'early' },
    ]);
    const facts = finish(kit);
    assert.deepEqual(
      [facts.payload, facts.gaps, facts.outOfOrder],
      [
        [10, 0],
        [5, 0],
        [1, 0],
      ],
    );
  });
});

describe('skips', () => {
  const skipAfter = (length: number) => ({ data: (_: number, text: string) => (text.startsWith('head') ? length : 0) });

  test('are counted across segments without calls, then told', () => {
    const { log } = play(
      [
        ...handshake,
        { flags: 'A', seq: 100, data: 'head' },
        { flags: 'A', seq: 104, data: 'bodyb' },
        { flags: 'A', seq: 109, data: 'odynext' },
      ],
      skipAfter(8),
    );
    assert.deepEqual(log, ['data 0 head', 'skipped 0 8 0', 'data 0 next']);
  });

  test('holes inside count as missing, beyond they are gaps', () => {
    const { log } = play(
      [
        ...handshake,
        { flags: 'A', seq: 100, data: 'head' },
        { flags: 'A', seq: 108, data: 'body' },
        { flags: 'A', seq: 118, ack: 500, data: 'tail', ms: 9000 },
        { flags: 'A', seq: 122, ack: 500, ms: 20_000 },
        { flags: 'A', seq: 122, ack: 500, ms: 30_000 },
      ],
      skipAfter(10),
    );
    assert.deepEqual(log, ['data 0 head', 'skipped 0 10 6', 'gap 0 4', 'data 0 tail']);
  });

  test('segments that a skip covers wait without their bytes', () => {
    const { log, kit } = play(
      [...handshake, { flags: 'A', seq: 100, data: 'head' }, { flags: 'A', seq: 108, data: 'body' }],
      skipAfter(12),
    );
    assert.equal(kit.count('tcp_queued_segments'), 1);
    assert.equal(kit.count('tcp_queued_bytes'), 256);
    kit.engine.packet(kit.feed.tcp({ flags: 'A', seq: 104, data: 'this' }));
    kit.engine.packet(kit.feed.tcp({ flags: 'A', seq: 112, data: 'lastnext' }));
    assert.deepEqual(log, ['data 0 head', 'skipped 0 12 0', 'data 0 next']);
  });
});

describe('decoders that stop or hand over', () => {
  test('DONE ends delivery, counts go on, end comes last', () => {
    const { log, kit } = play([...handshake, { flags: 'A', seq: 100, data: 'one' }, { flags: 'A', seq: 103, data: 'two' }], {
      data: () => DONE,
    });
    const facts = finish(kit);
    assert.deepEqual(log, ['data 0 one', 'end stopped']);
    assert.deepEqual([facts.payload, facts.protocols], [[6, 0], ['tape']]);
  });

  test('HANDOVER begins recognition anew for both directions', () => {
    const log: string[] = [];
    const first = scripted(log, {
      name: 'first',
      probe: (_, text) => (text.startsWith('CONNECT') ? Verdict.certain : Verdict.no),
      data: (direction, text, context, from) => {
        if (direction === 0) return 0;
        context.handoverAt = from + text.indexOf('!') + 1;
        return HANDOVER;
      },
    });
    const second = scripted(log, { name: 'second', probe: (_, text) => (text.startsWith('hi') ? Verdict.certain : Verdict.no) });
    const kit = engineKit({}, [first, second]);
    const segments: readonly PacketWords[] = [
      ...handshake,
      { flags: 'A', seq: 100, ack: 500, data: 'CONNECT' },
      { ...server, flags: 'A', seq: 500, ack: 107, data: 'OK!hi there' },
      { flags: 'A', seq: 107, ack: 511, data: 'hi back' },
    ];
    for (const segment of segments) kit.engine.packet(kit.feed.tcp(segment));
    assert.deepEqual(finish(kit).protocols, ['first', 'second']);
    assert.deepEqual(log, [
      'first: data 0 CONNECT',
      'first: data 1 OK!hi there',
      'second: data 1 hi there',
      'second: data 0 hi back',
      'first: end handover',
      'second: end stopped',
    ]);
    assert.equal(kit.count('handed_over_sessions'), 1);
  });

  test('what a decoder has held of the other direction goes to the next one first, what it has not is a hole', () => {
    const play = (missing: number, last: readonly PacketWords[], probe: Script['probe']): { log: string[]; kit: Kit } => {
      const log: string[] = [];
      const first = scripted(log, {
        name: 'first',
        probe: (_, text) => (text.startsWith('CONNECT') ? Verdict.certain : Verdict.no),
        data: (direction, _, context, from) => {
          if (direction === 0) return 0;
          context.handoverAt = from + 3;
          context.handoverHeld = { direction: 0, bytes: Buffer.from('hi there'), length: 8, timeUs: 1, missing };
          return HANDOVER;
        },
      });
      const second = scripted(log, { name: 'second', ...(probe === undefined ? {} : { probe }) });
      const kit = engineKit({}, [first, second]);
      for (const segment of [...handshake, { flags: 'A', seq: 100, ack: 500, data: 'CONNECThi there' }, ...last])
        kit.engine.packet(kit.feed.tcp(segment));
      finish(kit);
      return { log: log.filter((line) => line.startsWith('second')), kit };
    };
    const isHi: Script['probe'] = (_, text) => (text.startsWith('hi') ? Verdict.certain : Verdict.no);
    const answer: PacketWords = { ...server, flags: 'A', seq: 500, ack: 115, data: 'OK!hi back' };
    const more: PacketWords = { flags: 'A', seq: 115, ack: 511, data: '!' };
    assert.deepEqual(play(0, [answer, more], isHi).log, [
      'second: data 0 hi there',
      'second: data 1 hi back',
      'second: data 0 !',
      'second: end stopped',
    ]);
    const holed = play(5, [answer, more], isHi);
    assert.deepEqual(holed.log.slice(0, 2), ['second: data 0 hi there', 'second: gap 0 5']);
    assert.deepEqual([holed.kit.count('stream_gaps'), holed.kit.count('stream_gap_bytes')], [1, 5]);
    // Recognition wants more than was held, which comes later or never.
    const isLong: Script['probe'] = (_, text) => (text.length > 8 ? Verdict.certain : Verdict.needMore);
    assert.deepEqual(play(0, [{ ...answer, data: 'OK!' }, more], isLong).log.slice(0, 2), [
      'second: data 0 hi there',
      'second: data 0 !',
    ]);
    const closed: PacketWords = { flags: 'FA', seq: 115, ack: 500 };
    assert.deepEqual(play(0, [closed, { ...answer, data: 'OK!' }], isLong).log, []);
    assert.deepEqual(play(0, [closed, answer], isHi).log.slice(0, 3), [
      'second: data 0 hi there',
      'second: finished 0',
      'second: data 1 hi back',
    ]);
  });

  test('handovers are bounded', () => {
    const data: Script['data'] = (_, __, context, from) => {
      context.handoverAt = from + 1;
      return HANDOVER;
    };
    const { log, kit } = play([...handshake, { flags: 'A', seq: 100, data: 'abcdefghijklmnop' }], { data });
    finish(kit);
    assert.equal(log.filter((line) => line.startsWith('data')).length, 9);
    assert.equal(kit.count('refused_handovers'), 1);
  });

  test('what a decoder throws passes through', () => {
    const data = (): number => {
      throw new Error('a mistake of the decoder');
    };
    assert.throws(() => play([...handshake, { flags: 'A', seq: 100, data: 'x' }], { data }), /a mistake of the decoder/);
  });
});

describe('resets', () => {
  test('in the window end the session', () => {
    const { kit } = play([...handshake, { ...server, flags: 'R', seq: 500, ms: 10 }]);
    kit.engine.advance(1_760_000_000_000_000 + 6_000_000);
    assert.deepEqual([kit.sessions[0]?.end, kit.sessions[0]?.state], ['reset', 'reset']);
    assert.deepEqual(kit.times[0]?.timeUs, 1_760_000_000_010_000);
  });

  test('outside it are not believed', () => {
    for (const seq of [400, 500 + 64_240 * 128 + 1]) {
      const { kit } = play([...handshake, { ...server, flags: 'R', seq }]);
      assert.equal(kit.count('tcp_ignored_resets'), 1);
      assert.deepEqual(kit.anomalies, ['tcp.reset_out_of_window 40000']);
      assert.equal(finish(kit).end, 'stopped');
    }
  });

  test('after the close are no anomaly', () => {
    const { kit } = play([...handshake, { ...server, flags: 'R', seq: 500 }, { ...server, flags: 'RA', seq: 0, ack: 100 }]);
    assert.deepEqual([kit.anomalies, kit.count('tcp_ignored_resets')], [[], 0]);
  });

  test('are believed near the highest number seen when the receiver was not heard', () => {
    const oneSided: readonly PacketWords[] = [
      { ...server, flags: 'SA', seq: 499, ack: 100 },
      { ...server, flags: 'A', seq: 500, ack: 100, data: 'abcdef' },
    ];
    assert.equal(finish(play([...oneSided, { ...server, flags: 'R', seq: 502 }]).kit).end, 'reset');
    assert.equal(finish(play([...oneSided, { ...server, flags: 'R', seq: 200_000 }]).kit).end, 'stopped');
  });

  test('that answer a SYN must acknowledge it', () => {
    const good = play([
      { flags: 'S', seq: 99 },
      { ...server, flags: 'RA', seq: 0, ack: 100 },
    ]);
    assert.equal(finish(good.kit).end, 'reset');
    const bad = play([
      { flags: 'S', seq: 99 },
      { ...server, flags: 'RA', seq: 0, ack: 7 },
    ]);
    assert.equal(finish(bad.kit).end, 'stopped');
  });
});
