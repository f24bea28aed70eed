// Rules files into rule definitions: their form is checked here, with every problem's file and line. Main thread, at start and
// on reload.

import { readFileSync } from 'node:fs';
import { getSystemErrorMessage } from 'node:util';
import { suggestion } from '../config/index.ts';
import {
  type ConditionDefinition,
  type Moment,
  moments,
  type OpDefinition,
  type RuleDefinition,
  type RuleProblem,
  type TextMatch,
} from './rule.ts';
import { parseRuleText, type RuleNode, RuleTextError, type TableNode } from './rule-text.ts';

export type RuleValues = Readonly<Record<string, string | number | readonly string[]>>;

/** Of all files together. */
const rulesMost = 10_000;
const ruleKeys = ['name', 'when', 'bpf', 'fields', 'ops', 'log', 'expression'];
const matches: Readonly<Record<string, TextMatch>> = {
  startsWith: 'startsWith',
  head: 'startsWith',
  endsWith: 'endsWith',
  tail: 'endsWith',
  contains: 'contains',
};

/** Rules of the files, in their order. `values`: what `${name}` in them stands for. Problems are added to `problems`. */
export function readRuleFiles(files: readonly string[], values: RuleValues, problems: RuleProblem[]): RuleDefinition[] {
  const rules = files.flatMap((file) => new RuleFile(file, values, problems).read());
  if (rules.length > rulesMost) problems.push({ where: files[0] as string, message: `there are more than ${rulesMost} rules` });
  return rules;
}

class RuleFile {
  readonly #file: string;
  readonly #values: Map<string, readonly string[]>;
  readonly #problems: RuleProblem[];

  constructor(file: string, values: RuleValues, problems: RuleProblem[]) {
    this.#file = file;
    this.#problems = problems;
    this.#values = new Map(Object.entries(values).map(([name, value]) => [name, [value].flat().map(String)]));
  }

  read(): RuleDefinition[] {
    let root: RuleNode | undefined;
    try {
      root = parseRuleText(readFileSync(this.#file, 'utf8'), this.#file.endsWith('.toml'));
    } catch (error) {
      if (error instanceof RuleTextError) this.#report(error.line, error.message);
      else {
        const { errno, message } = error as NodeJS.ErrnoException;
        this.#problems.push({ where: this.#file, message: errno === undefined ? message : getSystemErrorMessage(errno) });
      }
      return [];
    }
    if (root === undefined) return [];
    const table = this.#table(root, 'a rules file');
    if (table === undefined) return [];
    const known = ['version', 'rules', 'lists'];
    for (const { key, line } of table.entries) if (!known.includes(key)) this.#unknown(key, line, known);
    const version = memberOf(table, 'version');
    if (version?.kind !== 'text' || version.text !== '1')
      this.#report(version?.line ?? table.line, 'expected version: 1 at the top of the file');
    const lists = memberOf(table, 'lists');
    if (lists !== undefined)
      for (const { key, value } of this.#table(lists, 'lists')?.entries ?? [])
        this.#values.set(key, this.#texts(value, `the list ${key}`));
    const rules = memberOf(table, 'rules');
    if (rules?.kind !== 'list') {
      this.#report(rules?.line ?? table.line, 'expected rules: a list of rules');
      return [];
    }
    return rules.items.flatMap((item) => this.#rule(item) ?? []);
  }

  #rule(node: RuleNode): RuleDefinition | undefined {
    const table = this.#table(node, 'a rule');
    if (table === undefined) return undefined;
    for (const { key, line } of table.entries) if (!ruleKeys.includes(key)) this.#unknown(key, line, ruleKeys);
    const name = this.#text(table, 'name');
    const when = this.#text(table, 'when');
    const bpf = this.#text(table, 'bpf');
    const log = this.#text(table, 'log');
    const title = name === undefined ? 'this rule' : `rule ${JSON.stringify(name)}`;
    if (name === undefined) this.#report(table.line, 'a rule needs a name');
    const moment = moments.find((known) => known === when);
    if (when === undefined) this.#report(table.line, `${title} does not say when`);
    else if (moment === undefined) {
      const line = memberOf(table, 'when')?.line ?? table.line;
      this.#report(line, `there is no moment ${JSON.stringify(when)}; ${suggestion(when, moments)}`);
    }
    if (log !== undefined && !['true', 'false'].includes(log.toLowerCase()))
      this.#report(memberOf(table, 'log')?.line ?? table.line, `log is true or false, not ${JSON.stringify(log)}`);
    const fields = memberOf(table, 'fields');
    if (memberOf(table, 'expression') !== undefined)
      this.#report(table.line, `${title} has an expression, which rules files reserve; give it fields or bpf`);
    else if ((bpf === undefined) === (fields === undefined)) this.#report(table.line, `${title} needs either fields or bpf`);
    this.#checkMoment(table, title, moment, bpf !== undefined);
    const conditions = fields === undefined ? [] : this.#conditions(fields);
    const ops = this.#ops(table, title);
    if (name === undefined || moment === undefined) return undefined;
    const isLogged = log?.toLowerCase() === 'true';
    return { name, where: this.#where(table.line), when: moment, log: isLogged, bpf, conditions, ops };
  }

  #checkMoment(table: TableNode, title: string, moment: Moment | undefined, isBpf: boolean): void {
    if (moment === 'everyPacket' && !isBpf) this.#report(table.line, `${title}: everyPacket goes with bpf only`);
    if (isBpf && moment !== undefined && moment !== 'everyPacket' && moment !== 'sessionSetup')
      this.#report(table.line, `${title}: bpf goes with everyPacket and sessionSetup only, not with ${moment}`);
  }

  #conditions(node: RuleNode): ConditionDefinition[] {
    const entries = flatEntries(this.#table(node, 'fields'));
    if (entries.length === 0) this.#report(node.line, 'fields names no field');
    return entries.flatMap(({ key, value, line }) => {
      const parts = /^(!?)\s*([^,]+?)\s*(?:,\s*(\S+)\s*)?$/.exec(key);
      const match = parts?.[3] === undefined ? 'is' : matches[parts[3]];
      if (parts === null || match === undefined) {
        const known = suggestion(parts?.[3] ?? key, Object.keys(matches));
        this.#report(line, `${JSON.stringify(key)}: there is no such modifier; ${known}`);
        return [];
      }
      const field = parts[2] as string;
      const values = this.#texts(value, field);
      if (values.length === 0) this.#report(line, `${field} has no values`);
      return [{ field, negated: parts[1] === '!', match, values, where: this.#where(line) }];
    });
  }

  #ops(table: TableNode, title: string): OpDefinition[] {
    const node = memberOf(table, 'ops');
    const entries = node === undefined ? [] : flatEntries(this.#table(node, 'ops'));
    if (entries.length === 0) this.#report(node?.line ?? table.line, `${title} has no ops`);
    return entries.map(({ key, value, line }) => {
      const removes = key.startsWith('-');
      const field = (removes ? key.slice(1) : key).trim();
      return { field, removes, values: this.#texts(value, field), where: this.#where(line) };
    });
  }

  #text(table: TableNode, key: string): string | undefined {
    const node = memberOf(table, key);
    if (node === undefined) return undefined;
    const [text] = this.#texts(node, key);
    if (node.kind !== 'text') this.#report(node.line, `${key} is one value`);
    return text;
  }

  #texts(node: RuleNode, what: string): string[] {
    const nodes = node.kind === 'list' ? node.items : [node];
    return nodes.flatMap((each) => {
      if (each.kind === 'text') return this.#substituted(each.text, each.line);
      this.#report(each.line, `${what}: expected a value or a list of values`);
      return [];
    });
  }

  /** `${name}` alone is all the values of that name; within a text it is the first one. */
  #substituted(text: string, line: number): readonly string[] {
    const find = (name: string): readonly string[] => {
      const values = this.#values.get(name);
      if (values !== undefined && values.length > 0) return values;
      const known = suggestion(name, [...this.#values.keys()]);
      this.#report(line, `\${${name}} is neither in lists of this file nor in [rules.values] of the config; ${known}`);
      return [''];
    };
    const alone = /^\$\{([^}]*)\}$/.exec(text);
    if (alone !== null) return find(alone[1] as string);
    return [text.replace(/\$\{([^}]*)\}/g, (_, name: string) => find(name)[0] as string)];
  }

  #table(node: RuleNode, what: string): TableNode | undefined {
    if (node.kind === 'table') return node;
    this.#report(node.line, `${what}: expected keys with values`);
    return undefined;
  }

  #unknown(key: string, line: number, known: readonly string[]): void {
    this.#report(line, `unknown key ${JSON.stringify(key)}; ${suggestion(key, known)}`);
  }

  #where(line: number): string {
    return `${this.#file}:${line}`;
  }

  #report(line: number, message: string): void {
    this.#problems.push({ where: this.#where(line), message });
  }
}

function memberOf(table: TableNode, key: string): RuleNode | undefined {
  return table.entries.find((entry) => entry.key === key)?.value;
}

/** TOML takes `ip.src = …` for a table in a table: the name is what stands there. */
function flatEntries(table: TableNode | undefined): TableNode['entries'] {
  return (table?.entries ?? []).flatMap(({ key, value, line }) =>
    value.kind === 'table'
      ? flatEntries(value).map((entry) => ({ ...entry, key: `${key}.${entry.key}` }))
      : [{ key, value, line }],
  );
}
