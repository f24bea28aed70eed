// What a fuzz target is. An input is plain bytes, so that a failing one can be saved, looked at and played again; each
// target says how it reads them.

export interface Target {
  readonly name: string;
  /** What is thrown at what, for `--list`. */
  readonly meaning: string;
  /** Inputs to start from. */
  seeds(captures: readonly string[]): Uint8Array[];
  /**
   * Runs one input; throws when something is wrong with the sensor. What comes back says in a few words what the input
   * led to; an input that leads to something new is mutated further.
   */
  run(input: Buffer): string | Promise<string>;
}
