export { makeFolder } from '../make-folder.ts';
export { type CaptureMessage, type CaptureRequest, FrameKind, frameHeadBytes, maxFrameBytes } from './capture-program.ts';
export {
  type Batch,
  type CommonKeys,
  type ConfigProblem,
  definePlugin,
  type Output,
  type OutputContext,
  type OutputPlugin,
  type Plugin,
  type SensorFacts,
} from './contract.ts';
export type {
  FileForm,
  FileTicket,
  NumberSource,
  PacketChunk,
  PacketDesk,
  PacketForm,
  PacketFrame,
  PacketOutput,
  PacketRun,
  PacketTaking,
  PacketWiring,
  PluginCounter,
  StreamForm,
} from './packet-contract.ts';
