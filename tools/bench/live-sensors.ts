// The sensors of `bench:live`: how each is started on an interface, when it is ready, and what it says at its end of packets seen
// and dropped. Every one gets a buffer of about 64 MiB in the kernel.

import { join } from 'node:path';
import { findProgram, sensorVersion, versionOf } from './machine.ts';
import { sensorCommand } from './sensor-command.ts';
import { eveTypes, writeSuricataConfig } from './suricata-config.ts';
import { tapName } from './wire.ts';

export interface LiveCounts {
  /** Packets that reached the sensor. */
  readonly seen: number;
  /** Packets that the kernel or the sensor dropped. */
  readonly dropped: number;
}

export interface LiveSensor {
  readonly name: string;
  readonly work: string;
  readonly installed: boolean;
  readonly version: () => string;
  command(folder: string): readonly string[];
  /** In its output when it captures. */
  readonly ready: RegExp;
  /** What ends it with its counters. */
  readonly stop: 'SIGINT' | 'SIGTERM';
  /** From all that it printed; undefined when there is nothing of the kind. */
  counts(output: string): LiveCounts | undefined;
}

const numberOf = (text: string | undefined): number => Number(text?.replaceAll(',', ''));

/** `1,234 packets, …` and `losses … kernel packets ring_full 12, ring packets full 3` */
export function ringtapCounts(output: string): LiveCounts | undefined {
  const received = /^ringtap: ([\d,]+) packets, /m.exec(output)?.[1];
  if (received === undefined) return undefined;
  let dropped = 0;
  for (const [, count] of output.matchAll(/\w+ packets \w+ ([\d,]+)/g)) dropped += numberOf(count);
  return { seen: numberOf(received) - dropped, dropped };
}

export function tcpdumpCounts(output: string): LiveCounts | undefined {
  const captured = /^(\d+) packets? captured/m.exec(output)?.[1];
  const dropped = /^(\d+) packets? dropped by kernel/m.exec(output)?.[1];
  return captured === undefined ? undefined : { seen: numberOf(captured), dropped: numberOf(dropped ?? '0') };
}

export function suricataCounts(output: string): LiveCounts | undefined {
  const found = /packets: (\d+), drops: (\d+)/.exec(output);
  // The kernel counts among the packets those that found no room.
  return found === null ? undefined : { seen: numberOf(found[1]) - numberOf(found[2]), dropped: numberOf(found[2]) };
}

function ringtap(name: string, captureWorkers: number, packetWorkers: number): LiveSensor {
  return {
    name,
    work: `sessions, http, dns and tls records to a file; ${captureWorkers} capture and ${packetWorkers} packet worker${packetWorkers > 1 ? 's' : ''}`,
    installed: true,
    version: sensorVersion,
    command: (folder) =>
      sensorCommand(
        ...['-i', tapName, '-n', String(packetWorkers), '-k', 'none', '-l', folder],
        ...['--set', `source.0.workers=${captureWorkers}`],
      ),
    ready: /capturing on/,
    stop: 'SIGTERM',
    counts: ringtapCounts,
  };
}

export const liveSensors: readonly LiveSensor[] = [
  ringtap('ringtap', 1, 1),
  ringtap('ringtap-2', 2, 2),
  {
    name: 'tcpdump',
    work: 'copies packets to /dev/null',
    installed: findProgram('tcpdump') !== undefined,
    version: () => versionOf('tcpdump', ['--version']),
    command: () => ['tcpdump', '-i', tapName, '-n', '-B', '65536', '-Z', 'root', '-w', '/dev/null'],
    ready: /listening on/,
    stop: 'SIGINT',
    counts: tcpdumpCounts,
  },
  {
    name: 'suricata',
    work: 'eve flow, http (extended), dns, tls (extended) to a file; af-packet, 1 worker, no rules',
    installed: findProgram('suricata') !== undefined,
    version: () => versionOf('suricata', ['-V']),
    command: (folder) => {
      const capture = { interface: tapName, threads: 1, ringPackets: 40_000 };
      const config = writeSuricataConfig({ types: eveTypes.basic, capture }, join(folder, 'config'));
      return [
        'suricata',
        '-c',
        config,
        `--af-packet=${tapName}`,
        '-l',
        folder,
        '-k',
        'none',
        '-S',
        '/dev/null',
        '--runmode',
        'workers',
      ];
    },
    ready: /Engine started/,
    stop: 'SIGTERM',
    counts: suricataCounts,
  },
];
