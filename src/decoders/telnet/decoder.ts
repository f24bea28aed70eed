// The decoder of Telnet sessions, one for all: they are named, and nothing in them is read. Runs on packet workers.

import { type Decoder, DONE } from '../contract.ts';

export const telnetSession: Decoder = {
  isIdle: true,
  recycle: () => {},
  data: () => DONE,
  skipped: () => {},
  gap: () => false,
  finished: () => {},
  end: () => {},
};
