export { CompiledRules } from './compiled-rules.ts';
export { dropsAnything, filtersOf, type RuleDefinition, type RuleProblem } from './rule.ts';
export { type RuleValues, readRuleFiles } from './rule-files.ts';
