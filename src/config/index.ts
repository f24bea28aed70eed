export { nearest } from './check.ts';
export { type DecoderSchema, jsonSchema, type LoadOptions, loadConfig, type OutputSchema } from './load.ts';
export { configReference } from './reference.ts';
export type {
  AfPacketSourceConfig,
  Config,
  DecoderConfig,
  FileSourceConfig,
  OutputCommonConfig,
  OutputConfig,
  SourceConfig,
} from './schema.ts';
