export { Event } from './event.ts';
export {
  ClockLag,
  ClockLayout,
  ClosingDeskLayout,
  ClosingListLayout,
  captureCounters,
  Fact,
  FactDeskLayout,
  FactStep,
  FactValueLayout,
  FirstBytesDeskLayout,
  FollowDeskLayout,
  FollowEntryLayout,
  FollowWhat,
  NoteChunk,
  NoteForm,
  OddSegment,
  OutputLayout,
  PacketFlag,
  PacketLayout,
  PollStatus,
  Probing,
  RecordKind,
  Ring as ringConstants,
  RingHeaderLayout,
  Side,
  SideByte,
  Slot,
  State,
  TableDeskLayout,
  TcpAnswer,
  TcpDeskLayout,
  TimerWheel,
  TunnelLayout,
  TunnelType,
  ValueKind,
} from './generated/layout.ts';
export { Latch } from './latch.ts';
export { Mutex } from './mutex.ts';
export { allDrained, ParkResult, park, parkAsync } from './park.ts';
export { maxParkingWords, ParkingLot } from './parking-lot.ts';
export {
  createRing,
  maxRecordBytes,
  maxRingBytes,
  minRingBytes,
  openRing,
  type RingOptions,
  type RingParts,
  type RingState,
  ringPositions,
  ringState,
} from './ring.ts';
export { RingReader } from './ring-reader.ts';
export { closeAbandonedRing, RingWriter } from './ring-writer.ts';
export { Semaphore } from './semaphore.ts';
export { maxThreads, ThreadTable } from './thread-table.ts';
export { deathCheckMs, LockResult, WaitResult } from './waiting.ts';
