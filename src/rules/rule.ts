// A rule as its file says it, checked in form only: plain data, so that it goes to packet workers as it is.

export const moments = [
  'everyPacket',
  'sessionSetup',
  'afterClassify',
  'fieldSet',
  'beforeMiddleSave',
  'beforeFinalSave',
  'beforeBothSave',
] as const;
export type Moment = (typeof moments)[number];

export type TextMatch = 'is' | 'startsWith' | 'endsWith' | 'contains';

/** One of `values` has to be among those of `field`; `negated`: none of them. */
export interface ConditionDefinition {
  readonly field: string;
  readonly negated: boolean;
  readonly match: TextMatch;
  readonly values: readonly string[];
  /** `file:line` */
  readonly where: string;
}

export interface OpDefinition {
  readonly field: string;
  readonly removes: boolean;
  readonly values: readonly string[];
  readonly where: string;
}

export interface RuleDefinition {
  readonly name: string;
  readonly where: string;
  readonly when: Moment;
  readonly log: boolean;
  /** BPF expression; then there are no conditions. */
  readonly bpf: string | undefined;
  readonly conditions: readonly ConditionDefinition[];
  readonly ops: readonly OpDefinition[];
}

/** What is wrong with a rule, and where that stands. */
export interface RuleProblem {
  readonly where: string;
  readonly message: string;
}

/** The BPF expressions of rules, each once: the n-th of them is the n-th mark that sources set for rules. */
export function filtersOf(rules: readonly RuleDefinition[]): readonly string[] {
  return [...new Set(rules.flatMap(({ bpf }) => (bpf === undefined ? [] : [bpf])))];
}

/** Does any rule drop packets of other sessions? */
export function dropsAnything(rules: readonly RuleDefinition[]): boolean {
  return rules.some(({ ops }) => ops.some(({ field }) => field.startsWith('_dropBy')));
}
