// Memory that a packet worker and the thread that writes its capture files share: the number of the next file, whether packets
// are wanted, and where each compressed block begins. One desk a packet worker and output.
//
//   word 0 ticket   bytes of the ticket that lies ready for the worker; 0: none
//   word 1 epoch    goes up when the files that are open end where they are (the disk is full, the writer was replaced)
//   word 2 saving   1: packets are taken
//   word 3 turn     goes up with every change; whoever waits, waits for it
//   byte 64         the ticket, JSON
//   byte 4160       f64 a block: its offset in its file; -1 not known yet, -2 never (block n at n modulo their count)
//
// One writer a word, but for the ticket: the writer puts one there, and either side takes it away by exchanging it with 0.

const Word = { ticket: 0, epoch: 1, saving: 2, turn: 3 } as const;
const ticketAt = 64;
const ticketMost = 4096;
const blocksAt = ticketAt + ticketMost;

/** Blocks whose place is remembered: 64 GB of packets a worker with blocks of the usual size; memory is taken as it is used. */
const rememberedBlocks = 1 << 20;

export const BlockStart = { unknown: -1, never: -2 } as const;

export class FileDesk {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #bytes: Uint8Array;
  readonly #starts: Float64Array;

  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer, 0, 16);
    this.#bytes = new Uint8Array(buffer, ticketAt, ticketMost);
    this.#starts = new Float64Array(buffer, blocksAt);
  }

  /** `withBlocks`: files are compressed. */
  static create(withBlocks: boolean): FileDesk {
    const desk = new FileDesk(new SharedArrayBuffer(blocksAt + (withBlocks ? rememberedBlocks * 8 : 8)));
    // Packets that come before the first ticket wait for it.
    desk.setSaving(true);
    return desk;
  }

  get epoch(): number {
    return Atomics.load(this.#words, Word.epoch);
  }

  get saving(): boolean {
    return Atomics.load(this.#words, Word.saving) === 1;
  }

  get hasTicket(): boolean {
    return Atomics.load(this.#words, Word.ticket) !== 0;
  }

  // The side that writes files.

  setSaving(saving: boolean): void {
    Atomics.store(this.#words, Word.saving, saving ? 1 : 0);
    this.#announce();
  }

  nextEpoch(): void {
    Atomics.add(this.#words, Word.epoch, 1);
    this.#announce();
  }

  /** Lays a ticket ready; throws where it is too long. The one before must have been taken. */
  offer(ticket: object): void {
    const text = Buffer.from(JSON.stringify(ticket));
    if (text.length > ticketMost) throw new Error(`a ticket of ${text.length} bytes`);
    this.#bytes.set(text);
    Atomics.store(this.#words, Word.ticket, text.length);
    this.#announce();
  }

  setBlockStart(block: number, offset: number): void {
    this.#starts[block % this.#starts.length] = offset;
    this.#announce();
  }

  // Either side.

  /** Takes the ticket that lies ready; undefined: there is none. */
  take(): unknown {
    const length = Atomics.load(this.#words, Word.ticket);
    if (length === 0) return undefined;
    const text = Buffer.from(this.#bytes.subarray(0, length)).toString();
    return Atomics.compareExchange(this.#words, Word.ticket, length, 0) === length ? JSON.parse(text) : undefined;
  }

  // The packet worker.

  /** Begins to remember a block; forgets the one that stood in its place. */
  beginBlock(block: number): void {
    this.#starts[block % this.#starts.length] = BlockStart.unknown;
  }

  /** Offset of a block in its file, or a `BlockStart`. `next`: the block that will be begun next. */
  blockStart(block: number, next: number): number {
    if (next - block > this.#starts.length) return BlockStart.never;
    return this.#starts[block % this.#starts.length] as number;
  }

  get turn(): number {
    return Atomics.load(this.#words, Word.turn);
  }

  /** Blocks the thread until something has changed since `turn`, or for `timeoutMs`. */
  wait(turn: number, timeoutMs: number): void {
    Atomics.wait(this.#words, Word.turn, turn, timeoutMs);
  }

  #announce(): void {
    Atomics.add(this.#words, Word.turn, 1);
    Atomics.notify(this.#words, Word.turn);
  }
}
