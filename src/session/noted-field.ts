// What the notes have to know of a field, in an object of one shape: declarations of fields leave out what they do not say, and so
// have many, which the engine would have to tell apart with every value.

import type { SessionField } from '../record/index.ts';

export class NotedField {
  readonly field: SessionField;
  /** Of the worker; 0 for those beyond what there are numbers for. */
  readonly number: number;
  readonly many: boolean;
  readonly sum: boolean;
  readonly repeats: boolean;
  /** Empty text is a value. */
  readonly empty: boolean;
  readonly names: readonly string[] | undefined;
  /** Values stay when a part of the session was saved. */
  readonly linked: boolean;

  constructor(field: SessionField, number: number) {
    this.field = field;
    this.number = number;
    this.many = field.many;
    this.sum = field.sum === true;
    this.repeats = field.repeats === true;
    this.empty = field.empty === true || this.repeats;
    this.names = field.names;
    this.linked = field.arkime?.linked ?? !(this.many || this.sum);
  }
}
