// What the sensor asks of the machine it runs on: CPUs of a thread, network interfaces, libpcap's opinion of a filter.
// Control plane only.

import { type InterfaceInfo, loadAddon } from './addon.ts';

/** Lets the calling thread run on these CPUs only. Throws `RT_WORKER` when the machine has none of them. */
export function setAffinity(cpus: readonly number[]): void {
  loadAddon().setAffinity([...cpus]);
}

/** The CPUs that the calling thread may run on, ascending. */
export function affinity(): number[] {
  return loadAddon().affinity();
}

/** How many CPUs the calling thread may run on: fewer than the machine has in a container or under `taskset`. */
export function currentCpuCount(): number {
  return affinity().length;
}

/** All network interfaces, by index. Needs no privilege. */
export function interfaces(): InterfaceInfo[] {
  return loadAddon().interfaces();
}

/**
 * Throws `RT_FILTER` with libpcap's own words when a BPF expression is wrong for frames of `linkType`, a LINKTYPE_ value
 * (without one: for every common link type), and `RT_FILTER_LIBRARY` when libpcap is not installed.
 */
export function checkFilter(expression: string, linkType?: number): void {
  loadAddon().checkFilter(expression, linkType);
}
