// A decoder's session fields together with those that its config asks for. Called by whoever makes the registry of a run's records.

import type { DecoderDefinition } from './contract.ts';

/** `definition` with the fields of `options`, the checked table that its decoders will be made with, among its session fields. */
export function withConfiguredFields(
  definition: DecoderDefinition,
  options: Readonly<Record<string, unknown>>,
): DecoderDefinition {
  const configured = definition.configuredFields?.(options) ?? [];
  if (configured.length === 0) return definition;
  return { ...definition, sessionFields: [...definition.sessionFields, ...configured] };
}
