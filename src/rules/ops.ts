// What rules do with a session, as closures: built once, run when their rule holds. Packet workers, and the main thread to
// check them.

import { nearMiss, suggestion } from '../config/index.ts';
import { type FieldNames, fieldValueOf, type SessionField } from '../record/index.ts';
import type { DropKind, RuledSession } from '../session/index.ts';
import type { OpDefinition } from './rule.ts';
import { isFactName, protocolNames, valuesOf } from './session-values.ts';

export type Op = (session: RuledSession) => void;

const drops: Readonly<Record<string, DropKind>> = {
  _dropBySrc: 'source',
  _dropByDst: 'destination',
  _dropBySession: 'session',
};
const specials = [
  '_dontSaveSPI',
  'dontSaveSPI',
  '_maxPacketsToSave',
  '_minPacketsBeforeSavingSPI',
  '_dontCheckYara',
  '_closeNow',
  '_flipSrcDst',
  ...Object.keys(drops),
];

/** A number that is set only when it is greater (`max 5`, `>5`) or less (`min 5`, `<5`) than what there is. */
interface Bounded {
  readonly value: number;
  readonly takes: (current: number) => boolean;
}

function bounded(text: string): Bounded | undefined {
  const parts = /^\s*(min\s|max\s|<|>)?\s*(\d+)\s*$/.exec(text);
  if (parts === null) return undefined;
  const value = Number(parts[2]);
  const sign = parts[1]?.trim();
  if (sign === undefined) return { value, takes: () => true };
  return sign === 'max' || sign === '>'
    ? { value, takes: (current) => value > current }
    : { value, takes: (current) => value < current };
}

/** `report` hears of what is wrong. */
export function compileOp(definition: OpDefinition, names: FieldNames, report: (message: string) => void): Op[] {
  const { field, removes, values } = definition;
  if (field.startsWith('_') || field === 'dontSaveSPI') return special(definition, report);
  if (values.length === 0) report(`${field} has no value`);
  if (protocolNames.includes(field)) {
    return values.map((name) => (removes ? (session) => session.removeProtocol(name) : (session) => session.addProtocol(name)));
  }
  const [target] = names.find(field);
  if (target === undefined) {
    if (isFactName(field)) report(`${field} is what was captured; rules cannot set it`);
    else
      report(
        `there is no field ${JSON.stringify(field)}; ${nearMiss(field, [...names.names, 'protocols'], 'ringtap fields lists them')}`,
      );
    return [];
  }
  if (target.type === 'object') {
    report(`${field} holds whole objects; rules cannot set it`);
    return [];
  }
  return values.flatMap((text) => fieldOp(target, field, removes, text, report) ?? []);
}

function special({ field, removes, values }: OpDefinition, report: (message: string) => void): Op[] {
  if (!specials.includes(field)) {
    report(`there is nothing to do named ${JSON.stringify(field)}; ${suggestion(field, specials)}`);
    return [];
  }
  const op = values.length === 1 ? bounded(values[0] as string) : undefined;
  if (op === undefined || removes) {
    report(`${field}: expected one number${removes ? ', without a sign before its name' : `, got ${JSON.stringify(values)}`}`);
    return [];
  }
  const { value, takes } = op;
  const kind = drops[field];
  if (kind !== undefined) return [(session) => session.drop(kind, value)];
  switch (field) {
    case '_maxPacketsToSave':
      return [
        (session) => {
          if (takes(session.mostPackets)) session.mostPackets = value;
        },
      ];
    case '_minPacketsBeforeSavingSPI':
      return [
        (session) => {
          if (takes(session.leastPackets)) session.leastPackets = value;
        },
      ];
    case '_closeNow':
      return value === 0 ? [] : [(session) => session.close()];
    case '_flipSrcDst':
      return [
        (session) => {
          session.isFlipped = value !== 0;
        },
      ];
    case '_dontCheckYara':
      // There is none.
      return [];
    default:
      return [
        (session) => {
          if (takes(session.isHidden ? 1 : 0)) session.isHidden = value !== 0;
        },
      ];
  }
}

function fieldOp(
  target: SessionField,
  field: string,
  removes: boolean,
  text: string,
  report: (message: string) => void,
): Op | undefined {
  if (removes && (text === '' || text === '*')) return (session) => session.remove(target, undefined);
  const isNumber = target.type === 'long' || target.type === 'float';
  if (isNumber && !removes && !target.many) {
    const op = bounded(text);
    if (op !== undefined) {
      const { value, takes } = op;
      return (session) => {
        const [current] = valuesOf(session.facts.noted(target));
        if (typeof current !== 'number' || takes(current)) session.note(target, value);
      };
    }
  }
  const value = fieldValueOf(target, text);
  if (value === undefined) {
    report(`${field}: ${JSON.stringify(text)} is no value of this field, which is ${target.type}`);
    return undefined;
  }
  return removes ? (session) => session.remove(target, value) : (session) => session.note(target, value);
}
