// Batches and a context for output plugins under test, without rings and threads.

import type { TObject } from 'typebox';
import { Value } from 'typebox/value';
import fileOutput from '../../plugins/output-file/index.ts';
import type { Batch, Output, OutputContext } from '../../src/plugin/index.ts';

/** Records as `type text`; each gets its newline. */
export function batchOf(...records: readonly (readonly [type: string, text: string])[]): Batch {
  const bytes = records.map(([, text]) => Buffer.from(`${text}\n`));
  return {
    count: records.length,
    byteLength: bytes.reduce((sum, record) => sum + record.length, 0),
    record: (index) => bytes[index] as Buffer,
    type: (index) => (records[index] as readonly [string, string])[0],
    length: (index) => (bytes[index] as Buffer).length,
    copy: (index, target, at) => at + (bytes[index] as Buffer).copy(target, at),
    copyAll: (target, at) => at + Buffer.concat(bytes).copy(target, at),
  };
}

/** A batch of `session` records. */
export function lines(...texts: readonly string[]): Batch {
  return batchOf(...texts.map((text) => ['session', text] as const));
}

export interface FileOutputUnderTest extends Required<Output> {
  readonly counts: Record<string, number>;
  readonly log: string[];
}

/** The file output with its defaults and these changes. */
export function fileOutputIn(
  directory: string,
  changes: Readonly<Record<string, unknown>> = {},
  writeBehind?: OutputContext['writeBehind'],
): FileOutputUnderTest {
  const counts: Record<string, number> = {};
  const log: string[] = [];
  const at = (level: string) => (message: string) => void log.push(`${level} ${message}`);
  const context: OutputContext = {
    name: 'test',
    directory,
    log: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') },
    count: (name, by = 1) => {
      counts[name] = (counts[name] ?? 0) + by;
    },
    ...(writeBehind === undefined ? {} : { writeBehind }),
  };
  const config = { ...(Value.Create(fileOutput.config as TObject) as object), ...changes };
  return Object.assign(fileOutput.create(context, config as never), { counts, log }) as unknown as FileOutputUnderTest;
}
