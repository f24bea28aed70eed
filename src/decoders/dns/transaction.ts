// One query and its response, or the one of them that was seen: the object behind a `dns` record. Transactions come
// from a pool (one a thread) and go back to it once their record is encoded.

import type { JsonText } from '../../record/index.ts';
import type { Outcome } from '../contract.ts';
import { TransactionPool } from '../transaction-pool.ts';
import { Edns, noEdns } from './edns.ts';
import type { QuestionText } from './question-text.ts';
import type { SectionText } from './section-text.ts';

/** 1 for bytes of a label that do not stand for themselves, in text or in JSON (RFC 4343 §2.1). */
const oddInLabel = new Uint8Array(256).fill(1);
oddInLabel.fill(0, 0x21, 0x7f);
for (const code of Buffer.from('".\\')) oddInLabel[code] = 1;

/** So that names can be read four bytes at a time. */
const slackBytes = 4;

/** Memory for names. */
export class NameBytes {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  constructor(capacity: number) {
    this.bytes = new Uint8Array(capacity + slackBytes);
    this.view = new DataView(this.bytes.buffer);
  }
}

/** Names up to this many bytes on the wire lie in memory that transactions share; a longer one gets its own. */
const nameBytesUsual = 96;
const nameBytesMax = 255;
/** Transactions whose usual names lie together. */
const namesTogether = 64;

let names = new NameBytes(0);
let namesTaken = 0;

export type Variant = 'dns' | 'mdns' | 'llmnr';

export class Transaction {
  variant: Variant;
  outcome: Outcome;
  /** Side that asks. */
  direction: number;
  id: number;
  opcode: number;
  hasQuery: boolean;
  hasResponse: boolean;
  /** False for the rare message without a question. */
  hasQuestion: boolean;
  /** The name asked for as on the wire: `nameBytes` of `names` from `nameAt` on. */
  names: NameBytes;
  nameAt: number;
  nameBytes: number;
  /** All bytes of its labels stand for themselves. */
  nameIsPlain: boolean;
  questionType: number;
  questionClass: number;
  unicastWanted: boolean;
  /** All questions, when there are several. */
  questions: JsonText | undefined;
  /** The name asked for, from when the transaction ends. */
  questionText: QuestionText | undefined;
  queryFlags: number;
  responseFlags: number;
  /** With the upper bits from EDNS. */
  rcode: number;
  requestBytes: number;
  retransmissions: number;
  responseBytes: number;
  responseMessages: number;
  answersCount: number;
  authoritiesCount: number;
  additionalsCount: number;
  /** What the response says. */
  sections: SectionText | undefined;
  readonly queryEdns: Edns;
  /** As `sections`, from when the response comes. */
  responseEdns: Edns;
  /** First byte of the query, or of the response where there is no query. Microseconds since 1970. */
  startUs: number;
  /** Last byte of the response. */
  responseUs: number;
  /** A response's end was lost or never sent. */
  truncated: boolean;
  /** A zone transfer: more responses follow (RFC 5936 §2.2). */
  transferring: boolean;
  /** What the timeout counts from: the query, or the last message of a transfer. */
  activeUs: number;
  /** Next younger one of the session, or next free one of the pool. */
  next: Transaction | undefined;
  /** Next older one of the session. */
  previous: Transaction | undefined;
  /** While the session finds its transactions by keys: this one's, and the next younger one with the same. */
  key: number;
  twin: Transaction | undefined;

  constructor() {
    if (namesTaken + nameBytesUsual + slackBytes > names.bytes.length) {
      names = new NameBytes(namesTogether * nameBytesUsual);
      namesTaken = 0;
    }
    this.names = names;
    this.nameAt = namesTaken;
    namesTaken += nameBytesUsual;
    this.nameBytes = 0;
    this.nameIsPlain = true;
    this.variant = 'dns';
    this.outcome = 'unanswered';
    this.direction = 0;
    this.id = 0;
    this.opcode = 0;
    this.hasQuery = false;
    this.hasResponse = false;
    this.hasQuestion = false;
    this.questionType = 0;
    this.questionClass = 0;
    this.unicastWanted = false;
    this.questions = undefined;
    this.questionText = undefined;
    this.queryFlags = 0;
    this.responseFlags = 0;
    this.rcode = 0;
    this.requestBytes = 0;
    this.retransmissions = 0;
    this.responseBytes = 0;
    this.responseMessages = 0;
    this.answersCount = 0;
    this.authoritiesCount = 0;
    this.additionalsCount = 0;
    this.sections = undefined;
    this.queryEdns = new Edns();
    this.responseEdns = noEdns;
    this.startUs = 0;
    this.responseUs = 0;
    this.truncated = false;
    this.transferring = false;
    this.activeUs = 0;
    this.next = undefined;
    this.previous = undefined;
    this.key = 0;
    this.twin = undefined;
  }

  /** Takes the name asked for, `length` bytes on the wire without pointers. */
  takeName(bytes: Uint8Array, from: number, length: number): void {
    this.nameBytes = length;
    if (length > nameBytesUsual && this.names.bytes.length !== nameBytesMax + slackBytes) {
      this.names = new NameBytes(nameBytesMax);
      this.nameAt = 0;
    }
    const target = this.names.bytes;
    const shift = this.nameAt - from;
    let odd = 0;
    for (let at = from; at < from + length; ) {
      const end = at + 1 + (bytes[at] as number);
      target[at + shift] = bytes[at] as number;
      for (at++; at < end; at++) {
        const code = bytes[at] as number;
        odd |= oddInLabel[code] as number;
        target[at + shift] = code;
      }
    }
    this.nameIsPlain = odd === 0;
  }

  /** Back to what the constructor made. */
  clear(): void {
    this.variant = 'dns';
    this.outcome = 'unanswered';
    this.direction = 0;
    this.id = 0;
    this.opcode = 0;
    this.hasQuery = false;
    this.hasResponse = false;
    this.hasQuestion = false;
    this.nameBytes = 0;
    this.nameIsPlain = true;
    this.questionType = 0;
    this.questionClass = 0;
    this.unicastWanted = false;
    this.questions = undefined;
    this.questionText = undefined;
    this.queryFlags = 0;
    this.responseFlags = 0;
    this.rcode = 0;
    this.requestBytes = 0;
    this.retransmissions = 0;
    this.responseBytes = 0;
    this.responseMessages = 0;
    this.answersCount = 0;
    this.authoritiesCount = 0;
    this.additionalsCount = 0;
    this.sections = undefined;
    this.queryEdns.clear();
    this.responseEdns = noEdns;
    this.startUs = 0;
    this.responseUs = 0;
    this.truncated = false;
    this.transferring = false;
    this.activeUs = 0;
    this.next = undefined;
    this.previous = undefined;
    this.key = 0;
    this.twin = undefined;
  }
}

export const transactions = new TransactionPool(() => new Transaction());
