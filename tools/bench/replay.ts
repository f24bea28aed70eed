// The sender of `bench:live`: tcpreplay from memory, over and over for some seconds, with new addresses in every round.

import { spawn } from 'node:child_process';
import { atEnd } from './end-of-run.ts';
import { wireName } from './wire.ts';

export interface Sent {
  readonly packets: number;
  readonly bytes: number;
  readonly seconds: number;
  /** Packets that the sender could not put on the wire. */
  readonly failed: number;
}

/** What tcpreplay says at its end; undefined when it is something else. */
export function sentOf(output: string): Sent | undefined {
  const actual = /Actual: (\d+) packets \((\d+) bytes\) sent in ([\d.]+) seconds/.exec(output);
  if (actual === null) return undefined;
  const failed = /Failed packets:\s+(\d+)/.exec(output)?.[1];
  return { packets: Number(actual[1]), bytes: Number(actual[2]), seconds: Number(actual[3]), failed: Number(failed ?? 0) };
}

/** `rate`: packets per second; undefined: as fast as it can. `prefix`: what it is started by (namespace, CPUs). */
export async function replay(path: string, rate: number | undefined, seconds: number, prefix: readonly string[]): Promise<Sent> {
  const speed = rate === undefined ? '--topspeed' : `--pps=${Math.round(rate)}`;
  const options = ['--preload-pcap', '--unique-ip', '--loop=0', `--duration=${seconds}`, speed, `--intf1=${wireName}`, path];
  const [program, ...args] = [...prefix, 'tcpreplay', ...options] as [string, ...string[]];
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const forget = atEnd(() => child.kill('SIGKILL'));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  forget();
  const sent = sentOf(output);
  if (sent === undefined) throw new Error(`tcpreplay: ${output.trim().slice(-500)}`);
  return sent;
}
