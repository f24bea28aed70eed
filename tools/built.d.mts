// Types of built.mjs, which is JavaScript because it runs at every start.

export declare function resultOf(step: 'packages' | 'addon' | 'program', addon?: object): string | undefined;
export declare function madeAddon(): object | undefined;
