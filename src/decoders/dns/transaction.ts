// One query and its response, or the one of them that was seen: the object behind a `dns` record. Transactions come
// from a pool (one a thread) and go back to it once their record is encoded.

import type { Outcome } from '../contract.ts';
import { TransactionPool } from '../transaction-pool.ts';
import { Edns } from './edns.ts';

/** A resource record as it appears in a record of ours. */
export interface ResourceRecord {
  readonly name: string;
  readonly type: string;
  readonly class: string;
  /** Seconds. */
  readonly ttl: number;
  /** Presentation format. */
  readonly data: string;
  /** Multicast DNS: this record replaces what was known (RFC 6762 §10.2). */
  readonly cache_flush?: true;
}

export interface Question {
  readonly name: string;
  readonly type: string;
  readonly class: string;
}

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
  questionName: string;
  questionType: number;
  questionClass: number;
  unicastWanted: boolean;
  /** All questions, when there are several. */
  questions: Question[] | undefined;
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
  answers: ResourceRecord[] | undefined;
  authorities: ResourceRecord[] | undefined;
  additionals: ResourceRecord[] | undefined;
  resolvedIps: string[] | undefined;
  readonly queryEdns: Edns;
  readonly responseEdns: Edns;
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

  constructor() {
    this.variant = 'dns';
    this.outcome = 'unanswered';
    this.direction = 0;
    this.id = 0;
    this.opcode = 0;
    this.hasQuery = false;
    this.hasResponse = false;
    this.hasQuestion = false;
    this.questionName = '';
    this.questionType = 0;
    this.questionClass = 0;
    this.unicastWanted = false;
    this.questions = undefined;
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
    this.answers = undefined;
    this.authorities = undefined;
    this.additionals = undefined;
    this.resolvedIps = undefined;
    this.queryEdns = new Edns();
    this.responseEdns = new Edns();
    this.startUs = 0;
    this.responseUs = 0;
    this.truncated = false;
    this.transferring = false;
    this.activeUs = 0;
    this.next = undefined;
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
    this.questionName = '';
    this.questionType = 0;
    this.questionClass = 0;
    this.unicastWanted = false;
    this.questions = undefined;
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
    this.answers = undefined;
    this.authorities = undefined;
    this.additionals = undefined;
    this.resolvedIps = undefined;
    this.queryEdns.clear();
    this.responseEdns.clear();
    this.startUs = 0;
    this.responseUs = 0;
    this.truncated = false;
    this.transferring = false;
    this.activeUs = 0;
    this.next = undefined;
  }
}

export const transactions = new TransactionPool(() => new Transaction());
