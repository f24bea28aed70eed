// Types of built.mjs, which is JavaScript because it runs at every start.

export declare function resultOf(step: 'packages' | 'addon' | 'program'): string | undefined;
