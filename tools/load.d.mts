// Types of load.mjs, which is JavaScript because it runs at every start.

export declare const keepBytecode: string;
export declare function load(folder: string, name: string): unknown;
