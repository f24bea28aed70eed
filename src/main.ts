// argv → command; nothing else.

import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// Compiled code and types stripped are kept from run to run, which halves the start. Worker threads take the folder from
// the environment. Where it cannot be written everything is compiled as before.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('../node_modules/.ringtap/compiled', import.meta.url));
enableCompileCache(process.env.NODE_COMPILE_CACHE);

const { main } = await import('./cli/index.ts');
process.exitCode = await main(process.argv.slice(2));
