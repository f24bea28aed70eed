// Loaded into every thread of the sensor before its own code (`--import`) by the allocation guard. In the packet worker it
// adds up what the thread puts on its JavaScript heap between its messages `ready` and `done`, and writes the sum to the
// file named in RINGTAP_ALLOCATION_FILE. It does nothing in other threads.

import { writeFileSync } from 'node:fs';
import { GCProfiler, getHeapStatistics } from 'node:v8';
import { parentPort, workerData } from 'node:worker_threads';

const file = process.env.RINGTAP_ALLOCATION_FILE;
if (file !== undefined && parentPort !== null && (workerData as { inputs?: unknown } | null)?.inputs !== undefined) {
  const port = parentPort;
  const profiler = new GCProfiler();
  const post = port.postMessage.bind(port);
  let atReady = 0;
  port.postMessage = (message: { type: string }): void => {
    if (message.type === 'ready') {
      profiler.start();
      atReady = getHeapStatistics().used_heap_size;
    } else if (message.type === 'done') {
      const atDone = getHeapStatistics().used_heap_size;
      const { statistics } = profiler.stop();
      // What each collection freed comes on top of what is still there.
      let freed = 0;
      for (const { beforeGC, afterGC } of statistics)
        freed += beforeGC.heapStatistics.usedHeapSize - afterGC.heapStatistics.usedHeapSize;
      writeFileSync(file, JSON.stringify({ bytes: atDone - atReady + freed, collections: statistics.length }));
    }
    post(message);
  };
}
