export type { SpillPosition } from './position.ts';
export type { SpilledRecord, SpillRecord } from './segment.ts';
export { minSegmentBytes, type SpillBatch, type SpillOptions, SpillQueue, type SpillStats } from './spill-queue.ts';
