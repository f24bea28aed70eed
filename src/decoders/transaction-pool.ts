// Transactions that a decoder uses again: a bounded list of free ones, linked through themselves, so that a busy sensor
// allocates none. One pool a protocol and thread, as each worker loads its own modules.

/** Free transactions that are kept; more are left to the garbage collector. */
const keptMost = 4096;

export interface Pooled<T> {
  /** Next free one while in the pool; otherwise its owner's. */
  next: T | undefined;
  /** Back to what the constructor made, `next` included. */
  clear(): void;
}

export class TransactionPool<T extends Pooled<T>> {
  readonly #create: () => T;
  #free: T | undefined;
  #count: number;

  constructor(create: () => T) {
    this.#create = create;
    this.#free = undefined;
    this.#count = 0;
  }

  take(): T {
    const transaction = this.#free;
    if (transaction === undefined) return this.#create();
    this.#free = transaction.next;
    this.#count -= 1;
    transaction.next = undefined;
    return transaction;
  }

  /** The caller keeps no reference. */
  giveBack(transaction: T): void {
    if (this.#count >= keptMost) return;
    transaction.clear();
    transaction.next = this.#free;
    this.#free = transaction;
    this.#count += 1;
  }
}
