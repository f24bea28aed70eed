// Where the words of a session are in the table; drawn in tools/session-layout.ts, because Rust follows plain packets in it.

import { Slot } from '../ring/index.ts';

export { Probing, Side, SideByte, Slot, State } from '../ring/index.ts';

/** Words of a slot. */
export const slotWords: number = Slot.words;
export const slotShift = 6;

/** Value of `Slot.bucket` while a slot is in no bucket. */
export const noBucket = -1;
