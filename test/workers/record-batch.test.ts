// Batches of output workers: records of rings and of private memory, read one by one and copied together.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRing, OutputLayout, ParkingLot, RecordKind, RingReader, RingWriter } from '../../src/ring/index.ts';
import { RecordBatch } from '../../src/workers/record-batch.ts';

const typeNames = ['session', 'http', 'dns'];

function ringOf(capacityBytes: number): { writer: RingWriter; reader: RingReader } {
  const lot = ParkingLot.create(2);
  const ring = createRing({ capacityBytes, producerPark: 0, consumerPark: 1 });
  return { writer: new RingWriter(ring, lot), reader: new RingReader(ring, lot) };
}

function put(writer: RingWriter, text: string, type: number, kind: number = RecordKind.record): void {
  const bytes = OutputLayout.size + text.length;
  const at = writer.claim(bytes);
  assert.ok(at >= 0);
  writer.data[at + OutputLayout.recordType] = type;
  writer.data.write(text, at + OutputLayout.size, 'latin1');
  writer.commit(bytes, kind);
}

function texts(batch: RecordBatch): string[] {
  return Array.from({ length: batch.count }, (_, index) => `${batch.type(index)} ${batch.record(index).toString('latin1')}`);
}

function copied(batch: RecordBatch): string {
  const bytes = Buffer.alloc(batch.byteLength + 3);
  assert.equal(batch.copyAll(bytes, 3), bytes.length);
  return bytes.toString('latin1', 3);
}

test('all that goes through a ring comes out, in batches of any size, past its end and without what is no record', () => {
  const { writer, reader } = ringOf(4096);
  const sent: string[] = [];
  const taken: string[] = [];
  let whole = '';
  for (let round = 0; round < 300; round++) {
    for (let number = 0; number < round % 7; number++) {
      const text = `${round}.${number} ${'x'.repeat((round * 31 + number * 17) % 90)}\n`;
      const type = (round + number) % 3;
      put(writer, text, type);
      sent.push(`${typeNames[type]} ${text}`);
      if (number % 3 === 0) put(writer, '', 0, RecordKind.watermark);
    }
    writer.publish();
    reader.begin();
    const batch = new RecordBatch(typeNames);
    for (;;) {
      batch.clear();
      const seen = batch.addFromRing(reader, 1 + (round % 5) * 60);
      assert.equal(seen || batch.count === 0, true);
      taken.push(...texts(batch));
      assert.equal(
        copied(batch),
        texts(batch)
          .map((text) => text.slice(text.indexOf(' ') + 1))
          .join(''),
      );
      whole += copied(batch.detach());
      if (!seen) break;
    }
    reader.release();
  }
  assert.deepEqual(taken, sent);
  assert.equal(whole, sent.map((text) => text.slice(text.indexOf(' ') + 1)).join(''));
});

test('a batch of several memories is read in any order, and grows', () => {
  const one = ringOf(65536);
  const two = ringOf(65536);
  for (let number = 0; number < 900; number++) put(one.writer, `a${number}`, 0);
  for (let number = 0; number < 900; number++) put(two.writer, `b${number}`, 1);
  const batch = new RecordBatch(typeNames);
  const own = Buffer.from('..own..');
  batch.add(own, 2, 5, 2);
  for (const { writer, reader } of [one, two]) {
    writer.publish();
    reader.begin();
    batch.addFromRing(reader, Number.MAX_SAFE_INTEGER);
  }
  batch.add(own, 0, 7, 2);
  assert.equal(batch.count, 1802);
  const all = texts(batch);
  assert.equal(all[0], 'dns own');
  assert.equal(all[900], 'session a899');
  assert.equal(all[901], 'http b0');
  assert.equal(all.at(-1), 'dns ..own..');
  for (const index of [1801, 0, 901, 900, 1800, 3]) {
    assert.equal(`${batch.type(index)} ${batch.record(index)}`, all[index]);
    assert.equal(batch.length(index), batch.record(index).length);
  }
  assert.deepEqual(texts(batch.detach()), all);
  assert.equal(copied(batch), all.map((text) => text.slice(text.indexOf(' ') + 1)).join(''));
  assert.throws(() => batch.record(1802), RangeError);
});

test('a ring whose records lead nowhere is an error, not a torn batch', () => {
  const { writer, reader } = ringOf(4096);
  put(writer, 'fine', 0);
  put(writer, 'torn', 0);
  writer.publish();
  reader.data.writeUInt32LE(4000, 32);
  reader.begin();
  assert.throws(
    () => new RecordBatch(typeNames).addFromRing(reader, 1000),
    /ring corrupt: record at data offset 32 has length 4000, 32 readable/,
  );
});
