// What a trace holds, counted while it is made; written beside it as `<name>.truth.json`.

export interface Truth {
  /** Records that a sensor should put out, by type. */
  expect?: Readonly<Record<string, number>>;
  [count: string]: number | Readonly<Record<string, number>> | undefined;
}

export function addTo(truth: Truth, name: string, by: number): void {
  truth[name] = ((truth[name] as number | undefined) ?? 0) + by;
}
