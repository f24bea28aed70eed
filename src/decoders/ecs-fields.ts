// What all protocols' transactions say in the same ECS fields: `network.protocol` and the `event.outcome` of their
// outcomes. Used by the record types of the decoders.

import type { Field } from '../record/index.ts';
import type { Outcome } from './contract.ts';

/** `network.protocol` of a record type whose records all have the same. */
export function protocolField(protocol: string): Field<unknown> {
  return { name: 'network.protocol', type: 'keyword', meaning: 'Protocol of the transaction.', value: () => protocol };
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
