// Sets of commands that are asked for every message. Part of the decoder; packet workers.

/** By command, up to 255: 1 for those that are given. */
export function marked(commands: readonly number[]): Uint8Array {
  const marks = new Uint8Array(256);
  for (const command of commands) marks[command] = 1;
  return marks;
}
