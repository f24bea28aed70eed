// What the sensor asks of the machine it runs on: CPUs of a thread and network interfaces. Control plane only.

import { callAddon, type InterfaceInfo } from './addon.ts';

/** Lets the calling thread run on these CPUs only. Throws `RT_WORKER` when the machine has none of them. */
export function setAffinity(cpus: readonly number[]): void {
  callAddon((addon) => addon.setAffinity([...cpus]));
}

/** The CPUs that the calling thread may run on, ascending. */
export function affinity(): number[] {
  return callAddon((addon) => addon.affinity());
}

/** How many CPUs the calling thread may run on: fewer than the machine has in a container or under `taskset`. */
export function currentCpuCount(): number {
  return affinity().length;
}

/** All network interfaces, by index. Needs no privilege. */
export function interfaces(): InterfaceInfo[] {
  return callAddon((addon) => addon.interfaces());
}
