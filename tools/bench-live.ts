// `npm run bench:live -- [--seconds N] [--only NAMES] TRACE…` (root): replays a trace over a wire of its own at rising rates, and reports the
// highest one at which a sensor loses nothing: Ringtap, tcpdump, Suricata.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { atEnd, temporaryFolder } from './bench/end-of-run.ts';
import { readable, table } from './bench/figures.ts';
import { type LiveSensor, liveSensors } from './bench/live-sensors.ts';
import { findProgram, machineText } from './bench/machine.ts';
import { ownSeconds } from './bench/measure.ts';
import { writeSection } from './bench/page.ts';
import { type Attempt, highestRate } from './bench/rate-search.ts';
import { replay } from './bench/replay.ts';
import { openTrace, type TraceFile } from './bench/trace-files.ts';
import { makeWire, type Wire, wireObstacle } from './bench/wire.ts';

export interface LiveOptions {
  readonly traces: readonly string[];
  readonly seconds: number;
  readonly only: readonly string[];
}

/** Time for what lies in buffers after the last packet; what takes longer was not borne. */
const settleMs = 500;
const readyMs = 30_000;
/** One loss can be the machine's; a rate is too much when it fails twice. */
const tries = 2;

const say = (text: string): void => void process.stderr.write(text);

interface Probe extends Attempt {
  readonly bitsPerSecond: number;
  readonly lost: number;
  /** CPU seconds of the sensor for each second of sending. */
  readonly cpuShare: number;
}

/** The sender has the first CPU to itself where there are several. */
function cpusFor(role: 'sender' | 'sensor'): string[] {
  const cpus = availableParallelism();
  if (cpus < 2 || findProgram('taskset') === undefined) return [];
  return ['taskset', '-c', role === 'sender' ? '0' : `1-${cpus - 1}`];
}

class RunningSensor {
  output = '';
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  readonly #forget: () => void;

  constructor(command: readonly string[]) {
    const [program, ...args] = command as [string, ...string[]];
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    this.#forget = atEnd(() => child.kill('SIGKILL'));
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
      });
    }
    this.#ended = new Promise((resolve) => {
      child.on('error', (error) => {
        this.output += error.message;
        resolve();
      });
      child.on('close', () => resolve());
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async ready(pattern: RegExp): Promise<void> {
    const until = performance.now() + readyMs;
    while (!pattern.test(this.output)) {
      if (performance.now() > until || this.#child.exitCode !== null)
        throw new Error(`it does not capture: ${this.output.trim().slice(-500)}`);
      await sleep(20);
    }
    // Some say so a moment before they do.
    await sleep(200);
  }

  async stop(signal: NodeJS.Signals): Promise<void> {
    this.#child.kill(signal);
    await this.#ended;
    this.#forget();
  }
}

class Bench {
  readonly #wire: Wire;
  readonly #trace: TraceFile;
  readonly #seconds: number;
  readonly #folder: string;

  constructor(wire: Wire, trace: TraceFile, seconds: number, folder: string) {
    this.#wire = wire;
    this.#trace = trace;
    this.#seconds = seconds;
    this.#folder = folder;
  }

  async #send(rate: number | undefined): Promise<{ packets: number; bytes: number; seconds: number; failed: number }> {
    const prefix = ['ip', 'netns', 'exec', this.#wire.senderNamespace, ...cpusFor('sender')];
    return await replay(this.#trace.path, rate, this.#seconds, prefix);
  }

  /** What the sender can do while nobody listens. */
  async topRate(): Promise<number> {
    const { packets, seconds } = await this.#send(undefined);
    return packets / seconds;
  }

  async probe(sensor: LiveSensor, rate: number): Promise<Probe> {
    const folder = join(this.#folder, sensor.name);
    mkdirSync(folder);
    const lostBefore = this.#wire.lost();
    const running = new RunningSensor([
      ...['ip', 'netns', 'exec', this.#wire.sensorNamespace],
      ...cpusFor('sensor'),
      ...sensor.command(folder),
    ]);
    await running.ready(sensor.ready);
    const cpuBefore = ownSeconds(running.pid);
    const sent = await this.#send(rate);
    await sleep(settleMs);
    const cpuShare = (ownSeconds(running.pid) - cpuBefore) / sent.seconds;
    await running.stop(sensor.stop);
    rmSync(folder, { recursive: true });
    const counts = sensor.counts(running.output);
    if (counts === undefined) throw new Error(`${sensor.name} said nothing of its packets: ${running.output.trim().slice(-500)}`);
    const onWire = this.#wire.lost() - lostBefore;
    const lost = Math.max(counts.dropped, sent.packets - counts.seen, onWire, sent.failed);
    const probe = {
      rate: sent.packets / sent.seconds,
      lossless: lost <= 0,
      bitsPerSecond: (sent.bytes * 8) / sent.seconds,
      lost,
      cpuShare,
    };
    say(
      `${this.#trace.name} ${sensor.name.padEnd(10)} ${readable(probe.rate).padStart(8)} packets/s: ${lost <= 0 ? 'all seen' : `${lost} of ${sent.packets} lost`}\n`,
    );
    return probe;
  }
}

async function sensorRow(bench: Bench, sensor: LiveSensor, most: number): Promise<string[]> {
  let best: Probe | undefined;
  const lossy: Probe[] = [];
  const result = await highestRate(most, async (rate) => {
    let probe = await bench.probe(sensor, rate);
    for (let attempt = 1; attempt < tries && !probe.lossless; attempt++) probe = await bench.probe(sensor, rate);
    if (probe.lossless && (best === undefined || probe.rate > best.rate)) best = probe;
    if (!probe.lossless) lossy.push(probe);
    return probe;
  });
  const next = lossy.find(({ rate }) => rate === result.tooMuch);
  return [
    sensor.name,
    `${result.tooMuch === undefined ? '≥ ' : ''}${readable(result.best)}`,
    best === undefined ? '' : `${(best.bitsPerSecond / 1e6).toFixed(0)}`,
    best === undefined ? '' : `${(best.cpuShare * 100).toFixed(0)} %`,
    next === undefined ? 'the sender can do no more' : `${readable(next.rate)}: ${next.lost} packets lost`,
  ];
}

function choose(only: readonly string[]): LiveSensor[] {
  const unknown = only.filter((name) => !liveSensors.some((sensor) => sensor.name === name));
  if (unknown.length > 0)
    throw new Error(`no such sensor: ${unknown.join(', ')}; there are ${liveSensors.map(({ name }) => name).join(', ')}`);
  // Two capture and two packet workers want CPUs of their own.
  const wanted = liveSensors.filter(({ name }) =>
    only.length > 0 ? only.includes(name) : name !== 'ringtap-2' || availableParallelism() > 4,
  );
  for (const { name, installed } of wanted) if (!installed) say(`${name} is left out: it is not installed\n`);
  return wanted.filter(({ installed }) => installed);
}

/** Runs everything and returns the section for the page. */
export async function benchLive({ traces, seconds, only }: LiveOptions): Promise<string> {
  const chosen = choose(only);
  const folder = temporaryFolder();
  const apart = cpusFor('sender').length > 0;
  const text = [
    '## Live',
    '',
    `\`npm run bench:live -- --seconds ${seconds}${only.length > 0 ? ` --only ${only}` : ''} ${traces.join(' ')}\` on ${machineText()}.`,
    '',
    `tcpreplay sends from memory over a veth pair in namespaces of its own, ${seconds} s a rate, with new addresses each round; ${apart ? 'the sender on the first CPU, the sensor on the others' : 'sender and sensor on the same CPUs'}.`,
    'A rate is borne when every packet sent was seen within half a second after the last and nothing was dropped, by the counters of the',
    'kernel, the interface and the sensor, in one of two tries. Buffers in the kernel: 64 MiB each. The highest rate is known to 5 %.',
    'The kernel hands packets over on the CPU of the sender, so a part of the cost of capturing is not in the sensor’s CPU time.',
    '',
    table(
      [{ title: 'sensor' }, { title: 'version' }, { title: 'work' }],
      chosen.map(({ name, version, work }) => [name, version(), work]),
    ),
  ];
  const wire = makeWire();
  for (const word of traces) {
    const trace = openTrace(word);
    const bench = new Bench(wire, trace, seconds, folder);
    const most = await bench.topRate();
    say(`${trace.name}: the sender can do ${readable(most)} packets/s\n`);
    const rows: string[][] = [];
    for (const sensor of chosen) rows.push(await sensorRow(bench, sensor, most));
    const columns = [
      { title: 'sensor' },
      { title: 'packets/s without a loss', right: true },
      { title: 'Mbit/s', right: true },
      { title: 'CPU', right: true },
      { title: 'the next rate tried' },
    ];
    text.push('', `### ${trace.name} (${trace.origin}; the sender alone: ${readable(most)} packets/s)`, '', table(columns, rows));
  }
  return `${text.join('\n')}\n`;
}

if (import.meta.main) {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      seconds: { type: 'string', default: '3' },
      only: { type: 'string', default: '' },
      page: { type: 'boolean', default: false },
    },
  });
  const seconds = Number(values.seconds);
  const obstacle = wireObstacle();
  if (positionals.length === 0 || !Number.isInteger(seconds) || seconds < 1) {
    say('usage: npm run bench:live -- [--seconds N] [--only NAME,…] [--page] TRACE…\n');
    say(`  TRACE: a pcap file, or http, dns, tls, small, elephant; sensors: ${liveSensors.map(({ name }) => name).join(', ')}\n`);
    process.exitCode = 2;
  } else if (obstacle !== undefined) {
    say(`bench:live cannot run here: ${obstacle}\n`);
    process.exitCode = 1;
  } else {
    try {
      const only = values.only.split(',').filter((name) => name !== '');
      const section = await benchLive({ traces: positionals, seconds, only });
      process.stdout.write(section);
      if (values.page) writeSection('live', section);
    } catch (error) {
      say(`bench:live: ${(error as Error).message}\n`);
      process.exitCode = 1;
    }
  }
}
