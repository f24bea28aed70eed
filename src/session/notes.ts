// Values that decoders add to their session's own record: distinct, bounded in number and length. One object a session,
// made with the first value.

import type { CounterBlock } from '../counters/index.ts';
import type { SessionField } from '../record/index.ts';
import type { SessionConfig } from './session-config.ts';
import { sessionCounters } from './session-counters.ts';

type NoteValue = string | number | boolean;

const C = sessionCounters.index;

export class Notes {
  readonly #values: Map<SessionField, NoteValue[]>;

  constructor() {
    this.#values = new Map();
  }

  add(field: SessionField, value: NoteValue, config: SessionConfig, counters: CounterBlock): void {
    let kept = value;
    if (typeof value === 'string' && value.length > config.max_note_bytes) {
      kept = value.slice(0, config.max_note_bytes);
      counters[C.cut_note_values] = (counters[C.cut_note_values] as number) + 1;
    }
    const values = this.#values.get(field);
    if (values === undefined) {
      this.#values.set(field, [kept]);
      return;
    }
    if (!field.many || values.includes(kept)) return;
    if (values.length >= config.max_note_values) {
      counters[C.dropped_note_values] = (counters[C.dropped_note_values] as number) + 1;
      return;
    }
    values.push(kept);
  }

  get(field: SessionField): readonly NoteValue[] | undefined {
    return this.#values.get(field);
  }

  /** A part of the session was saved: single values stay, collected ones begin anew. */
  nextPart(): void {
    for (const field of this.#values.keys()) {
      if (field.many) this.#values.delete(field);
    }
  }
}
