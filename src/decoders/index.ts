export {
  type Decoder,
  type DecoderContext,
  type DecoderDefinition,
  type Direction,
  DONE,
  type EndReason,
  HANDOVER,
  type Outcome,
  probeLimitBytes,
  type Transport,
  Verdict,
} from './contract.ts';
