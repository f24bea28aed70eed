// The parts of the program that captures with libpcap which need no libpcap: its clock, names of link types, what it sends.

import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { linkTypeOf } from '../../plugins/source-cap/cap-capture.ts';
import { Channel } from '../../plugins/source-cap/channel.ts';
import { WallClock } from '../../plugins/source-cap/wall-clock.ts';
import { FrameKind, frameHeadBytes } from '../../src/plugin/index.ts';

test('the clock counts microseconds between milliseconds, follows changes of the time of day and never goes back', () => {
  let coarseMs = 1_700_000_000_000;
  let fineMs = 5;
  const clock = new WallClock(
    () => coarseMs,
    () => fineMs,
  );
  assert.equal(clock.nowUs(), 1_700_000_000_000_000);
  fineMs += 0.25;
  assert.equal(clock.nowUs(), 1_700_000_000_000_250);
  coarseMs += 60_000;
  assert.equal(clock.nowUs(), 1_700_000_060_000_000);
  coarseMs -= 3_600_000;
  assert.equal(clock.nowUs(), 1_700_000_060_000_000);
  coarseMs += 3_600_001;
  fineMs += 1;
  assert.ok(clock.nowUs() > 1_700_000_060_000_000);
});

test('link types have their numbers by the names that the package gives them', () => {
  const cases: readonly [string, number | undefined][] = [
    ['ETHERNET', 1],
    ['NULL', 0],
    ['RAW', 101],
    ['LINKTYPE_LINUX_SLL', 113],
    ['IEEE802_11_RADIO', 127],
    ['Unknown linktype 276', 276],
    ['Unknown linktype 99999', undefined],
    ['toString', undefined],
    ['', undefined],
  ];
  for (const [name, number] of cases) assert.equal(linkTypeOf(name), number, name);
});

/** A stream that keeps what it gets, and says that it is written when `release` is called. */
function slowStream() {
  const chunks: Buffer[] = [];
  const waiting: (() => void)[] = [];
  const stream = new Writable({
    write: (chunk: Buffer, _, done) => {
      chunks.push(chunk);
      waiting.push(done);
    },
  });
  return { stream, chunks, release: () => waiting.shift()?.() };
}

test('packets go out in batches, messages between them, in order', async () => {
  const { stream, chunks, release } = slowStream();
  const channel = new Channel(stream, 1 << 20);
  channel.packet(Buffer.from('abcdef'), 4, 60, 1_700_000_000_000_001);
  channel.packet(Buffer.from('xyz'), 3, 3, 1_700_000_000_000_002);
  channel.message({ type: 'ready', linkType: 1 });
  release();
  await turn();
  const [batch, message] = chunks as [Buffer, Buffer];
  assert.deepEqual([batch.readUInt32LE(0), batch.readUInt32LE(4)], [FrameKind.packets, batch.length - frameHeadBytes]);
  assert.deepEqual([batch.readDoubleLE(8), batch.readUInt32LE(16), batch.readUInt32LE(20)], [1_700_000_000_000_001, 4, 60]);
  assert.equal(batch.toString('latin1', 24, 28), 'abcd');
  assert.equal(batch.toString('latin1', 44), 'xyz');
  assert.equal(message.readUInt32LE(0), FrameKind.message);
  assert.deepEqual(JSON.parse(message.toString('utf8', frameHeadBytes)), { type: 'ready', linkType: 1 });
});

test('what the sensor does not take is dropped beyond the bound, and told', async () => {
  const { stream, chunks, release } = slowStream();
  const channel = new Channel(stream, 1000);
  const packet = Buffer.alloc(600);
  for (let sent = 0; sent < 5; sent++) {
    channel.packet(packet, packet.length, packet.length, sent);
    await turn();
  }
  channel.tellDropped();
  for (let tries = 0; tries < 10; tries++) {
    release();
    await turn();
  }
  const messages = chunks.filter((chunk) => chunk.readUInt32LE(0) === FrameKind.message);
  assert.equal(chunks.length - messages.length, 2);
  assert.deepEqual(JSON.parse((messages[0] as Buffer).toString('utf8', frameHeadBytes)), { type: 'dropped', packets: 3 });
  channel.tellDropped();
  assert.equal(messages.length, 1);
});
