// `ringtap config`: the commented reference of config.toml, or its JSON Schema.

import { configReference, jsonSchema } from '../config/index.ts';
import { decoderDefinitions } from '../decoders/index.ts';
import { shippedPlugins } from './plugin-loader.ts';
import { print } from './print.ts';

export async function configCommand(options: { readonly schema?: boolean }): Promise<number> {
  const outputs = (await shippedPlugins()).map(({ plugin }) => plugin);
  const text = options.schema
    ? `${JSON.stringify(jsonSchema(decoderDefinitions, outputs), null, 2)}\n`
    : configReference(decoderDefinitions, outputs);
  print(text);
  return 0;
}
