// Rules of a run: reads the files that the config names and compiles them once for what is wrong with them. Main thread, at start
// and on reload.

import { checkFilter } from '../capture/index.ts';
import type { Config } from '../config/index.ts';
import { errorCodes, SensorError } from '../errors.ts';
import type { FieldNames } from '../record/index.ts';
import { CompiledRules, filtersOf, type RuleDefinition, type RuleProblem, readRuleFiles } from '../rules/index.ts';

/** Bits that packets have for the BPF expressions of rules and of the session table. */
const marksMost = 16;

/** Throws `RT_CONFIG` with every problem and its file and line. */
export function loadRules({ rules, session }: Config, namesOf: () => FieldNames): readonly RuleDefinition[] {
  const problems: RuleProblem[] = [];
  const definitions = readRuleFiles(rules.files, rules.values, problems);
  if (definitions.length === 0 && problems.length === 0) return definitions;
  const firstMark = session.keep_packets.length;
  problems.push(...new CompiledRules(definitions, { names: namesOf(), firstMark, log: () => {} }).problems);
  const filters = filtersOf(definitions);
  for (const { bpf, name, where } of definitions) {
    if (bpf === undefined) continue;
    try {
      checkFilter(bpf);
    } catch (error) {
      if (!(error instanceof SensorError) || error.code !== errorCodes.filter) throw error;
      problems.push({ where, message: `rule ${JSON.stringify(name)}: bpf: ${error.message}` });
    }
  }
  if (firstMark + filters.length > marksMost) {
    const where = definitions.find(({ bpf }) => bpf === filters[marksMost - firstMark])?.where ?? '';
    const taken = firstMark > 0 ? `, of which session.keep_packets takes ${firstMark}` : '';
    problems.push({ where, message: `there are more than ${marksMost} different bpf expressions${taken}` });
  }
  if (problems.length === 0) return definitions;
  throw new SensorError(errorCodes.config, problems.map(({ where, message }) => `${where}: ${message}`).join('\n'), {
    hint: 'docs/rules.md has the language with examples; ringtap fields lists the fields',
  });
}
