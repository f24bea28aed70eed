export {
  ClockLayout,
  captureCounters,
  OutputLayout,
  PacketFlag,
  PacketLayout,
  PollStatus,
  RecordKind,
  Ring as ringConstants,
  RingHeaderLayout,
  TunnelLayout,
  TunnelType,
} from './generated/layout.ts';
