// What a bench file hands back. Every `bench/*.bench.ts` exports `default async function (): Promise<BenchResult[]>`;
// `bench/run.ts` runs them all, prints the table and writes docs/benchmarks.md.

export interface BenchResult {
  /** `<room>: <what>`, stable from run to run. */
  readonly name: string;
  /** What one unit of work is, on which data: enough to judge the number by. */
  readonly work: string;
  /** `records/s`, `packets/s`, `GB/s`, `ns/record`. */
  readonly unit: string;
  readonly value: number;
  /** Other figures of the same run, by unit: `{ 'GB/s': 4.2 }`. */
  readonly extra?: Readonly<Record<string, number>>;
}
