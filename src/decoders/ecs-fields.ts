// What all protocols' transactions say in the same ECS fields: `network.protocol` and the `event.outcome` of their
// outcomes. Used by the record types of the decoders.

import { namedValues } from '../named-values.ts';
import { type Field, JsonText } from '../record/index.ts';
import type { Outcome } from './contract.ts';

/** `network.protocol` of a record type whose records all have the same. */
export function protocolField(protocol: string): Field<unknown> {
  const text = JsonText.of(protocol);
  return { name: 'network.protocol', type: 'keyword', meaning: 'Protocol of the transaction.', value: () => text };
}

/** What few texts stand for, as JSON that is made once. */
export function textsOf<Key extends string>(keys: readonly Key[], text: (key: Key) => string): Readonly<Record<Key, JsonText>> {
  return namedValues(keys, (key) => JsonText.of(text(key)));
}

/**
 * `event.outcome` by a transaction's outcome. ECS knows success, failure and unknown: who asked and got no answer has
 * failed, of what the sensor saw only a part of nothing is known.
 */
export const ecsOutcomes: Readonly<Record<Outcome, 'success' | 'failure' | 'unknown'>> = {
  success: 'success',
  failure: 'failure',
  unanswered: 'failure',
  reset: 'failure',
  timeout: 'failure',
  truncated: 'unknown',
  unsolicited: 'unknown',
};

/** The same as records have it. */
export const ecsOutcomeTexts: Readonly<Record<Outcome, JsonText>> = textsOf(
  Object.keys(ecsOutcomes) as Outcome[],
  (outcome) => ecsOutcomes[outcome],
);

/** Outcomes as the records of protocols have them. */
export const outcomeTexts: Readonly<Record<Outcome, JsonText>> = textsOf(
  Object.keys(ecsOutcomes) as Outcome[],
  (outcome) => outcome,
);
