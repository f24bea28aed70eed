// Conditions of rules as closures: built once, asked at the rule's moment. Packet workers, and the main thread to check them.

import { BlockList, isIPv4, isIPv6 } from 'node:net';
import { nearMiss } from '../config/index.ts';
import { ByteText, type FieldNames, inCaseOf, JsonText, type SessionFacts } from '../record/index.ts';
import type { NotedValue } from '../session/index.ts';
import type { ConditionDefinition } from './rule.ts';
import { factNames, type RuleValue, type ValueSource, valueSource } from './session-values.ts';

type Test = (value: RuleValue) => boolean;

export interface Condition {
  readonly source: ValueSource;
  readonly holds: (facts: SessionFacts) => boolean;
  /** Quick answer for a value that one of `source.fields` has just got: false, this value does not make it hold. */
  readonly mayHold: (value: NotedValue) => boolean;
}

const protocolNumbers: Readonly<Record<string, number>> = {
  icmp: 1,
  igmp: 2,
  tcp: 6,
  udp: 17,
  gre: 47,
  esp: 50,
  ah: 51,
  icmp6: 58,
  icmpv6: 58,
  ospf: 89,
  pim: 103,
  sctp: 132,
};

/**
 * Conditions of one rule. Those on the same field are one: any of their values will do. `report` hears of what is wrong.
 */
export function compileConditions(
  definitions: readonly ConditionDefinition[],
  names: FieldNames,
  report: (where: string, message: string) => void,
): Condition[] {
  const groups = new Map<string, ConditionDefinition[]>();
  for (const definition of definitions) {
    const key = `${definition.negated ? '!' : ''}${definition.field}`;
    groups.set(key, [...(groups.get(key) ?? []), definition]);
  }
  return [...groups.values()].flatMap((group) => {
    const [{ field, negated, where }] = group as [ConditionDefinition];
    const source = valueSource(field, names);
    if (source === undefined) {
      const near = nearMiss(field, [...factNames, ...names.names], 'ringtap fields lists them');
      report(where, `there is no field ${JSON.stringify(field)}; ${near}`);
      return [];
    }
    const tests = group.map((definition) => testOf(definition, source, (message) => report(definition.where, message)));
    const test: Test = tests.length === 1 ? (tests[0] as Test) : (value) => tests.some((each) => each(value));
    return [condition(source, test, negated)];
  });
}

function condition(source: ValueSource, test: Test, negated: boolean): Condition {
  const { read } = source;
  return {
    source,
    holds: negated ? (facts) => !read(facts).some(test) : (facts) => read(facts).some(test),
    mayHold: (value) => negated || source.isCount || quick(value, test, source),
  };
}

function quick(value: NotedValue, test: Test, { fields }: ValueSource): boolean {
  // Sums are not what was noted, and of objects a member is asked for.
  if (value instanceof JsonText || fields.some(({ type, sum }) => type === 'object' || sum === true)) return true;
  if (value instanceof ByteText)
    return test(Buffer.from(value.bytes.buffer, value.bytes.byteOffset + value.from, value.length).toString());
  return test(value);
}

function testOf({ field, match, values }: ConditionDefinition, source: ValueSource, report: (message: string) => void): Test {
  if (source.type !== 'text' && match !== 'is') report(`${field} is no text: ${match} does not go with it`);
  if (source.type === 'number') return numberTest(field, values, report);
  if (source.type === 'ip') return addressTest(field, values, report);
  const { spelling } = source;
  return textTest(spelling === undefined ? values : values.map((value) => inCaseOf(spelling, value)), match);
}

function textTest(values: readonly string[], match: ConditionDefinition['match']): Test {
  if (match === 'is') {
    const wanted = new Set(values);
    return (value) => wanted.has(String(value));
  }
  if (match === 'startsWith') return (value) => values.some((wanted) => String(value).startsWith(wanted));
  if (match === 'endsWith') return (value) => values.some((wanted) => String(value).endsWith(wanted));
  return (value) => values.some((wanted) => String(value).includes(wanted));
}

function numberTest(field: string, values: readonly string[], report: (message: string) => void): Test {
  const exact = new Set<number>();
  const ranges: (readonly [number, number])[] = [];
  for (const text of values) {
    const number = field === 'ip.protocol' ? protocolNumbers[text.toLowerCase()] : undefined;
    const range = /^\s*(-?\d+)\s*-\s*(-?\d+)\s*$/.exec(text);
    if (number !== undefined) exact.add(number);
    else if (range !== null) {
      const [least, most] = [Number(range[1]), Number(range[2])];
      if (least > most) report(`${field}: ${text} is an empty range`);
      ranges.push([least, most]);
    } else if (/^\s*-?\d+(\.\d+)?\s*$/.test(text)) exact.add(Number(text));
    else report(`${field}: expected a number or a range as in 400-500, got ${JSON.stringify(text)}`);
  }
  return (value) => {
    const number = Number(value);
    return exact.has(number) || ranges.some(([least, most]) => number >= least && number <= most);
  };
}

function addressTest(field: string, values: readonly string[], report: (message: string) => void): Test {
  // One list would take ::/0 for every address there is.
  const short = new BlockList();
  const long = new BlockList();
  for (const text of values) {
    const [address, prefix] = text.trim().split('/') as [string, string | undefined];
    if (address === 'ipv4') short.addSubnet('0.0.0.0', 0, 'ipv4');
    else if (address === 'ipv6') long.addSubnet('::', 0, 'ipv6');
    else if (isIPv4(address) && isPrefix(prefix, 32)) short.addSubnet(address, Number(prefix ?? 32), 'ipv4');
    else if (isIPv6(address) && isPrefix(prefix, 128)) long.addSubnet(address, Number(prefix ?? 128), 'ipv6');
    else report(`${field}: expected an address or a network as in 10.0.0.0/8, got ${JSON.stringify(text)}`);
  }
  return (value) => {
    const text = String(value);
    if (isIPv4(text)) return short.check(text, 'ipv4');
    return isIPv6(text) && long.check(text, 'ipv6');
  };
}

function isPrefix(text: string | undefined, most: number): boolean {
  return text === undefined || (/^\d{1,3}$/.test(text) && Number(text) <= most);
}
