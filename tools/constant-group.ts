// Named numbers that both languages know. Part of tools/layout.ts.

export interface ConstantGroup {
  readonly name: string;
  readonly meaning: string;
  readonly values: readonly { readonly name: string; readonly value: number; readonly meaning: string }[];
}

/** `values`: name, value, meaning ('' where the name says it). */
export const numbered = (name: string, meaning: string, values: readonly [string, number, string][]): ConstantGroup => ({
  name,
  meaning,
  values: values.map(([valueName, value, valueMeaning]) => ({ name: valueName, value, meaning: valueMeaning })),
});
