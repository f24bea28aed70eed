// Types of load.cjs, which is JavaScript because it runs at every start.

import type { Script } from 'node:vm';

export declare const keepBytecode: string;
export declare function load(folder: string, name: string): unknown;
/** A bundled file with its bytecode. */
export declare function scriptOf(folder: string, name: string): Script;
