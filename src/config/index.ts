export { nearest, nearMiss, suggestion } from './check.ts';
export { changedKeys, configTables, configText } from './effective.ts';
export { jsonSchema } from './json-schema.ts';
export { type DecoderSchema, type LoadOptions, loadConfig, type OutputSchema } from './load.ts';
export { outputName, sourceName } from './names.ts';
export type { Origins } from './origins.ts';
export { configReference } from './reference.ts';
export type {
  AfPacketSourceConfig,
  CapSourceConfig,
  Config,
  DecoderConfig,
  FileSourceConfig,
  FolderSourceConfig,
  OutputCommonConfig,
  OutputConfig,
  SourceConfig,
} from './schema.ts';
export { lineMap } from './toml-lines.ts';
