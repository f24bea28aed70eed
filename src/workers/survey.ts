// How far a thread is, told in shared memory when the supervisor asks by `Signal.survey`: packet workers that all packets they
// have taken are handled and all records they made are published, outputs that all records they have taken are flushed.
// Packet workers also tell, for each source, how far back its open sessions go.
//
//   | i32 answers given | 4 bytes | f64 oldest, source 0 | f64 oldest, source 1 | … |

const headBytes = 8;

export class Progress {
  /** By source: its clock, µs, when the oldest open part of a session began; +Infinity without one. */
  readonly oldestUs: Float64Array<SharedArrayBuffer>;
  readonly #answers: Int32Array<SharedArrayBuffer>;

  constructor(buffer: SharedArrayBuffer) {
    this.#answers = new Int32Array(buffer, 0, 1);
    this.oldestUs = new Float64Array(buffer, headBytes);
  }

  static create(sources: number): SharedArrayBuffer {
    return new SharedArrayBuffer(headBytes + sources * 8);
  }

  /** Answers given so far. */
  get answers(): number {
    return Atomics.load(this.#answers, 0);
  }

  /** The thread's: what it has stored before can be seen with this answer. */
  answer(): void {
    Atomics.add(this.#answers, 0, 1);
  }
}
