// Types of load.cjs, which is JavaScript because it runs at every start.

import type { Script } from 'node:vm';

export declare const keepBytecode: string;
/** The text of a bundled file from code that is CommonJS and imports by `importModule` and `resolveModule`. */
export declare function loadable(code: string): string;
export declare function load(folder: string, name: string): unknown;
/** A bundled file with its bytecode. */
export declare function scriptOf(folder: string, name: string): Script;
