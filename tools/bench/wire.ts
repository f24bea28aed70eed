// A wire for `bench:live`: a veth pair between two network namespaces of its own, `tap0` for the sensor and `wire0` for the
// sender, so that nothing of the machine's network is touched or heard. Gone when the tool ends, however it ends.

import { spawnSync } from 'node:child_process';
import { atEnd } from './end-of-run.ts';
import { findProgram } from './machine.ts';

export interface Wire {
  readonly sensorNamespace: string;
  readonly senderNamespace: string;
  /** Packets that the interface itself has lost so far, before any sensor could see them. */
  lost(): number;
}

export const tapName = 'tap0';
export const wireName = 'wire0';

/** Why there can be no wire here; undefined when there can be one. */
export function wireObstacle(): string | undefined {
  if (process.getuid?.() !== 0) return 'it needs root: it makes network namespaces (sudo npm run bench:live)';
  if (findProgram('ip') === undefined) return 'it needs the program ip (apt-get install iproute2)';
  if (findProgram('tcpreplay') === undefined) return 'it needs tcpreplay (apt-get install tcpreplay)';
  return undefined;
}

function ip(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('ip', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr.trim()}`);
  return stdout;
}

/** Sums of what `ip -s -j link show` says of lost packets. */
export function lostIn(json: string): number {
  const [link] = JSON.parse(json) as { stats64?: Record<'rx' | 'tx', { dropped: number; errors: number }> }[];
  const { rx, tx } = link?.stats64 ?? { rx: { dropped: 0, errors: 0 }, tx: { dropped: 0, errors: 0 } };
  return rx.dropped + rx.errors + tx.dropped + tx.errors;
}

/** With the namespace go its interfaces. A signal that is meant for all processes of this tool may hit the removal as well. */
function remove(namespace: string): void {
  for (let attempt = 0; attempt < 3; attempt++) {
    if (spawnSync('ip', ['netns', 'del', namespace]).signal === null) return;
  }
}

export function makeWire(): Wire {
  const sensorNamespace = `ringtap-tap-${process.pid}`;
  const senderNamespace = `ringtap-wire-${process.pid}`;
  for (const namespace of [sensorNamespace, senderNamespace]) {
    ip('netns', 'add', namespace);
    atEnd(() => remove(namespace));
  }
  ip('-n', sensorNamespace, 'link', 'add', tapName, 'type', 'veth', 'peer', 'name', wireName, 'netns', senderNamespace);
  const ends = [
    [sensorNamespace, tapName],
    [senderNamespace, wireName],
  ] as const;
  for (const [namespace, name] of ends) {
    // Without IPv6 nothing of the kernel's own is on the wire, and counts come out exactly.
    spawnSync('ip', ['netns', 'exec', namespace, 'sysctl', '-qw', `net.ipv6.conf.${name}.disable_ipv6=1`]);
    ip('-n', namespace, 'link', 'set', name, 'up', 'arp', 'off');
  }
  const statistics = (namespace: string, name: string): string => ip('-n', namespace, '-s', '-j', 'link', 'show', name);
  return {
    sensorNamespace,
    senderNamespace,
    lost: () => ends.reduce((sum, [namespace, name]) => sum + lostIn(statistics(namespace, name)), 0),
  };
}
