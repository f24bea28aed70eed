// What commands print to standard output. The output `stdout` has a stream of its own, and ends the run.

/** Writes a text as it is. Node makes its stream of standard output when it is asked for first, which most runs never do. */
export function print(text: string): void {
  // `ringtap fields | head`: who has read enough is no fault.
  if (process.stdout.listenerCount('error', passOverClosed) === 0) process.stdout.on('error', passOverClosed);
  process.stdout.write(text);
}

function passOverClosed(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
