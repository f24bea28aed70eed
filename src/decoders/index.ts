export { withConfiguredFields } from './configured-fields.ts';
export {
  type Decoder,
  type DecoderContext,
  type DecoderDefinition,
  type Direction,
  DONE,
  type EndReason,
  HANDOVER,
  type HeldBytes,
  type Outcome,
  probeLimitBytes,
  type Transport,
  Verdict,
} from './contract.ts';
export { giveBack, lend } from './lent-buffers.ts';
export {
  type ConfiguredSignature,
  NameMatcher,
  patternBytes,
  patternMost,
  patternRegex,
  type Signature,
  signatureOf,
  signatures,
} from './names/index.ts';
export type { FirstWord, HeadForms, PayloadCondition, WordBound } from './payload-condition.ts';
export { type EnabledDecoder, Recognition, Recognizer, transportIndex } from './recognition.ts';
export { decoderDefinitions } from './registry.ts';
