// A live source over the loopback interface: datagrams sent by this test come out of the ring, exactly as many.

import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { after, test } from 'node:test';
import { type OpenInterfaceOptions, openInterface, type Source } from '../../src/capture/index.ts';
import { SensorError } from '../../src/errors.ts';
import { PacketView } from '../../src/packet/index.ts';
import { captureCounters, createRing, ParkingLot, PollStatus, RecordKind, RingReader } from '../../src/ring/index.ts';

const sender: Socket = createSocket('udp4');
const receiver: Socket = createSocket('udp4');
after(() => {
  sender.close();
  receiver.close();
});

function open(options: OpenInterfaceOptions): { source: Source; reader: RingReader; counters: Float64Array } {
  const lot = ParkingLot.create(2);
  const ring = createRing({ capacityBytes: 1 << 20, producerPark: 0, consumerPark: 1 });
  const counters = new Float64Array(new SharedArrayBuffer(captureCounters.length * 8));
  return {
    source: openInterface(options, { rings: [ring], lot, parkWord: 0, counters }),
    reader: new RingReader(ring, lot),
    counters,
  };
}

const total = (counters: Float64Array, wanted: (name: string) => boolean): number =>
  captureCounters.reduce((sum, [name], index) => (wanted(name) ? sum + (counters[index] as number) : sum), 0);

const bind = (socket: Socket): Promise<number> =>
  new Promise((resolve) => socket.bind(0, '127.0.0.1', () => resolve(socket.address().port)));

const send = (text: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => sender.send(text, port, '127.0.0.1', (error) => (error ? reject(error) : resolve())));

test('datagrams over loopback come out once each', async (context) => {
  const port = await bind(receiver);
  await bind(sender);
  const filter = `udp port ${port}`;
  let live: ReturnType<typeof open>;
  try {
    live = open({ interface: 'lo', blockBytes: 1 << 16, blockCount: 8, pollTimeoutMs: 20, path: { filter } });
  } catch (error) {
    if (error instanceof SensorError && error.code === 'RT_PERMISSION') {
      assert.match(error.hint ?? '', /^sudo setcap cap_net_raw,cap_net_admin\+eip /);
      return context.skip(`live capture is not permitted here: ${error.hint}`);
    }
    if (error instanceof SensorError && error.code === 'RT_FILTER_LIBRARY') return context.skip('libpcap is not installed');
    throw error;
  }
  const { source, reader, counters } = live;
  for (let number = 0; number < 20; number += 1) await send(`datagram ${number}`, port);
  // Stopped now, the source still gives what the kernel has.
  source.stop();
  const view = new PacketView(reader.data);
  const seen: string[] = [];
  let previousClockUs = 0;
  for (let status: number = PollStatus.progress; status !== PollStatus.end; ) {
    status = source.poll(1000);
    while (reader.begin() > 0) {
      for (let at = reader.next(); at >= 0; at = reader.next()) {
        if (reader.kind !== RecordKind.packet) continue;
        view.at(at);
        assert.equal(view.destinationPort, port);
        assert.equal(view.filePosition, -1);
        assert.ok(view.clockUs >= previousClockUs);
        previousClockUs = view.clockUs;
        seen.push(view.bytes.toString('latin1', view.payloadStart, view.payloadStart + view.payloadLength));
      }
      reader.release();
    }
  }
  assert.deepEqual(
    seen,
    Array.from({ length: 20 }, (_, number) => `datagram ${number}`),
  );
  assert.equal(reader.isDrained(), true);
  const received = total(counters, (name) => name === 'received_packets');
  assert.equal(received, 20);
  assert.equal(
    received,
    total(counters, (name) => name === 'delivered_packets' || name.startsWith('dropped_')),
  );
});

test('an interface that does not exist is an error with a hint', () => {
  assert.throws(
    () => open({ interface: 'ringtap-none0' }),
    (error) =>
      error instanceof SensorError &&
      error.code === 'RT_SOURCE_INTERFACE' &&
      error.message.includes('ringtap-none0') &&
      error.hint === 'ringtap interfaces shows what there is',
  );
});
