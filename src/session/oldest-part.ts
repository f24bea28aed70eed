// How far back the open sessions go, asked for now and then by who waits for all sessions of a time to be written. Looks at
// every slot; never on the way of a packet.

import { milliseconds } from './part-times.ts';
import type { SessionTable } from './session-table.ts';
import { Slot, slotShift } from './slot-layout.ts';

/**
 * Clock of a source (µs, to the millisecond below) when the oldest part of a session that is open began; +Infinity when none
 * is. What was saved in parts is open from its last part on.
 */
export function oldestPartUs(table: SessionTable, sourceIndex: number, clockUs: number): number {
  const { words } = table;
  const nowMs = milliseconds(clockUs);
  let oldestMs = -1;
  for (let slot = 0; slot < table.highWater; slot += 1) {
    const base = slot << slotShift;
    if ((words[base + Slot.bucket] as number) < 0 || (words[base + Slot.part] as number) >>> 24 !== sourceIndex) continue;
    oldestMs = Math.max(oldestMs, (nowMs - (words[base + Slot.partMs] as number)) | 0);
  }
  return oldestMs < 0 ? Number.POSITIVE_INFINITY : (Math.floor(clockUs / 1000) - oldestMs) * 1000;
}
