// One run of the sensor for `bench:scale`, in a process of its own that ends with it: as `ringtap -r TRACE` does, and says at the
// end what only its supervisor knows: packets of each worker, and how full each ring has been. Argument: the run as JSON.

import { loadRun } from '../../src/cli/options.ts';
import { total } from '../../src/counters/index.ts';
import { Supervisor } from '../../src/workers/index.ts';

export interface ScaleRun {
  readonly trace: string;
  readonly folder: string;
  readonly workers: number;
  /** CPU of the capture worker; CPUs of the packet workers, in turn. Empty: not pinned. */
  readonly captureCpus: readonly number[];
  readonly packetCpus: readonly number[];
}

export interface ScaleResult {
  /** From the moment at which the source could be read until all records were written. */
  readonly seconds: number;
  /** User and system of the whole process, its start included. */
  readonly cpuSeconds: number;
  readonly packets: number;
  /** Packets handled by each worker. */
  readonly ofWorkers: readonly number[];
  /** Most that was ever in use of a ring, as a share of it: the fullest ring to a packet worker, and to an output. */
  readonly packetRingShare: number;
  readonly outputRingShare: number;
}

async function run({ trace, folder, workers, captureCpus, packetCpus }: ScaleRun): Promise<ScaleResult> {
  const pins = captureCpus.length === 0 ? [] : [`workers.cpus=[${packetCpus}]`, `source.0.cpus=[${captureCpus}]`];
  const { config, records, plugins } = await loadRun([], {
    read: [trace],
    logDir: folder,
    workers: String(workers),
    checksums: 'none',
    quiet: true,
    set: pins,
  });
  const log = (level: string, message: string): void => void process.stderr.write(`${level}: ${message}\n`);
  const supervisor = new Supervisor({ config, records, plugins, directory: folder, log });
  let readableAtMs = 0;
  for (const thread of supervisor.threads()) {
    if (!thread.name.startsWith('capture-')) continue;
    void thread.ready.then(() => {
      readableAtMs = performance.now();
    });
  }
  await supervisor.start();
  await supervisor.finished;
  const seconds = (performance.now() - readableAtMs) / 1000;
  const samples = supervisor.counters.snapshot();
  const ofWorkers = new Array<number>(workers).fill(0);
  for (const { set, name, labels, value } of samples) {
    const worker = Number(labels.worker);
    if (set === 'worker' && name === 'processed_packets') ofWorkers[worker] = (ofWorkers[worker] ?? 0) + value;
  }
  const fullest = (prefix: string): number =>
    Math.max(
      0,
      ...supervisor
        .rings()
        .filter(({ to }) => to.startsWith(prefix))
        .map(({ highWaterBytes, capacity }) => highWaterBytes / capacity),
    );
  const { user, system } = process.cpuUsage();
  return {
    seconds,
    cpuSeconds: (user + system) / 1e6,
    packets: total(samples, 'capture', 'received_packets'),
    ofWorkers,
    packetRingShare: fullest('packet-'),
    outputRingShare: fullest('output-'),
  };
}

if (import.meta.main) process.stdout.write(JSON.stringify(await run(JSON.parse(process.argv[2] as string) as ScaleRun)));
