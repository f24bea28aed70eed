// DNS of one session: pairs queries and responses into transactions. Made for each session by the definition; runs on
// packet workers, and used again for another one. All scratch is shared by the decoders of a thread, which handle one message at a time.
//
// Every message is in exactly one record. A response belongs to the open query of the other side with its id and
// question (names without case). One that belongs to none is a record of its own, `unsolicited`: a duplicate, a late one
// after the timeout, a multicast announcement, or the answer to a query before the capture. A query seen again while open
// (same id, same question) is a retransmission and only counted. Times run from the first one sent.

import { ByteText } from '../../record/index.ts';
import type { Decoder, DecoderContext, Direction, EndReason, Outcome } from '../contract.ts';
import { dnsAnomalies } from './anomalies.ts';
import { Opcode, RrType, rcodeName, typeName } from './code-points.ts';
import { headerBytes, sameName } from './domain-name.ts';
import { Edns, noEdns } from './edns.ts';
import { MessageReader, Reading } from './message-reader.ts';
import type { DnsOptions } from './options.ts';
import { QueryObjects } from './query-objects.ts';
import { QuestionText } from './question-text.ts';
import { dnsRecordType, noted } from './record.ts';
import { anomalyOf, RecordReader } from './record-reader.ts';
import { type AddressList, SectionText } from './section-text.ts';
import { type MessageSink, StreamFramer } from './stream-framer.ts';
import { type Transaction, transactions, type Variant } from './transaction.ts';

/** Open queries of a session from which on they are found by their keys; before, one looks at each. */
const indexedFrom = 8;
/** Bytes at the beginning of a name that are part of its key. */
const keyedBytes = 24;

const dnsPort = 53;
export const mdnsPort = 5353;
export const llmnrPort = 5355;

const message = new MessageReader();
const question = new QuestionText();
const records = new RecordReader(message, question);
/** Of the response that is being read, but for zone transfers. */
const sections = new SectionText();
const edns = new Edns();
/** An address while it is noted. */
const address = new ByteText(new Uint8Array(0), 0, 0);

export function variantOf(clientPort: number, serverPort: number): Variant {
  if (serverPort === dnsPort || clientPort === dnsPort) return 'dns';
  if (serverPort === mdnsPort || clientPort === mdnsPort) return 'mdns';
  return serverPort === llmnrPort || clientPort === llmnrPort ? 'llmnr' : 'dns';
}

export class DnsDecoder implements Decoder, MessageSink {
  readonly #options: DnsOptions;
  readonly #timeoutUs: number;
  #context: DecoderContext;
  #variant: Variant;
  /** Open transactions in the order of `activeUs`. */
  #oldest: Transaction | undefined;
  #youngest: Transaction | undefined;
  #pending: number;
  /** Of the open ones, those that the client asked. */
  #pendingOfClient: number;
  /** The open transactions by their key, the oldest of each; made when there are many, and whole from then on. */
  #byKey: Map<number, Transaction> | undefined;
  /** One a direction, made with the first stream. */
  #framers: readonly [StreamFramer, StreamFramer] | undefined;
  #isStream: boolean;
  /** Where Arkime's document is written. */
  #queries: QueryObjects | undefined;

  constructor(context: DecoderContext, options: DnsOptions) {
    this.#options = options;
    this.#timeoutUs = options.timeout_secs * 1e6;
    this.#context = context;
    this.#variant = variantOf(context.clientPort, context.serverPort);
    this.#oldest = undefined;
    this.#youngest = undefined;
    this.#pending = 0;
    this.#pendingOfClient = 0;
    this.#byKey = undefined;
    this.#framers = undefined;
    this.#isStream = false;
    this.#queries = context.details ? new QueryObjects(options) : undefined;
    if (context.transport === 'tcp') this.#beginStream();
  }

  /** No query is open, and no message has begun. */
  get isIdle(): boolean {
    if (this.#oldest !== undefined || this.#queries?.isEmpty === false) return false;
    const framers = this.#framers;
    return !this.#isStream || framers === undefined || (framers[0].isAtStart && framers[1].isAtStart);
  }

  /** Makes this the decoder of another session, after `end`. */
  recycle(context: DecoderContext): void {
    this.#context = context;
    this.#variant = variantOf(context.clientPort, context.serverPort);
    this.#oldest = undefined;
    this.#youngest = undefined;
    this.#pending = 0;
    this.#pendingOfClient = 0;
    this.#isStream = false;
    if (context.transport === 'tcp') this.#beginStream();
  }

  #beginStream(): void {
    this.#isStream = true;
    if (this.#framers === undefined) this.#framers = [new StreamFramer(0, this), new StreamFramer(1, this)];
    else {
      this.#framers[0].begin();
      this.#framers[1].begin();
    }
  }

  data(direction: Direction, bytes: Buffer, from: number, to: number, timeUs: number): number {
    if (this.#oldest !== undefined) this.#expire(timeUs);
    if (!this.#isStream) this.message(direction, bytes, from, to, timeUs, timeUs, true);
    else this.#framers?.[direction].feed(bytes, from, to, timeUs);
    return 0;
  }

  skipped(): void {}

  gap(direction: Direction, length: number, timeUs: number): boolean {
    if (this.#isStream) this.#framers?.[direction].gap(length, timeUs);
    return true;
  }

  finished(direction: Direction, timeUs: number): void {
    if (this.#isStream && this.#framers?.[direction].finish(timeUs))
      this.#context.anomaly(dnsAnomalies.truncated_message, timeUs);
  }

  end(reason: EndReason, timeUs: number): void {
    if (this.#isStream) {
      this.#framers?.[0].finish(timeUs);
      this.#framers?.[1].finish(timeUs);
    }
    this.#queries?.end(this.#context);
    if (this.#oldest === undefined) return;
    const outcome = reason === 'reset' ? 'reset' : 'unanswered';
    for (let t: Transaction | undefined = this.#oldest; t !== undefined; ) {
      const next: Transaction | undefined = t.next;
      this.#giveUp(t, outcome);
      t = next;
    }
    this.#oldest = undefined;
    this.#youngest = undefined;
    this.#pending = 0;
    this.#pendingOfClient = 0;
    this.#byKey?.clear();
  }

  badLength(timeUs: number): void {
    this.#context.anomaly(dnsAnomalies.bad_length, timeUs);
  }

  lostFraming(timeUs: number): void {
    this.#context.anomaly(dnsAnomalies.lost_framing, timeUs);
  }

  message(
    direction: Direction,
    bytes: Buffer,
    from: number,
    to: number,
    firstUs: number,
    lastUs: number,
    whole: boolean,
  ): boolean {
    const reading = message.open(bytes, from, to);
    if (reading !== Reading.ok) {
      // Of a message whose end was lost, a question cut short is no fault of the sender.
      if (whole || reading !== Reading.cut) this.#context.anomaly(anomalyOf(reading), lastUs);
      return false;
    }
    if (message.isResponse) this.#response(direction, bytes, firstUs, lastUs, whole);
    else this.#query(direction, bytes, firstUs, lastUs, whole);
    this.#queries?.message(this.#context, bytes, from, to, this.#variant === 'mdns');
    return true;
  }

  #query(direction: Direction, bytes: Buffer, firstUs: number, lastUs: number, whole: boolean): void {
    const open = this.#oldest === undefined ? undefined : this.#find(bytes, direction);
    if (open !== undefined && !open.hasResponse) {
      open.retransmissions++;
      return;
    }
    const t = transactions.take();
    t.variant = this.#variant;
    t.direction = direction;
    t.startUs = firstUs;
    t.activeUs = lastUs;
    t.hasQuery = true;
    t.queryFlags = message.flags;
    t.requestBytes = message.end - message.start;
    this.#takeQuestion(t, bytes);
    records.readQuery(bytes, t.queryEdns);
    this.#reportFault(lastUs, whole);
    if (this.#pending >= this.#options.max_pending) {
      const oldest = this.#oldest as Transaction;
      this.#context.anomaly(dnsAnomalies.too_many_pending, lastUs);
      this.#unlink(oldest);
      this.#giveUp(oldest, 'unanswered');
    }
    this.#append(t);
  }

  #response(direction: Direction, bytes: Buffer, firstUs: number, lastUs: number, whole: boolean): void {
    const found = this.#find(bytes, 1 - direction);
    const t = found ?? transactions.take();
    if (found === undefined) {
      if (this.#hasId(1 - direction)) this.#context.anomaly(dnsAnomalies.response_mismatch, lastUs);
      t.variant = this.#variant;
      t.direction = 1 - direction;
      t.startUs = firstUs;
      this.#takeQuestion(t, bytes);
    }
    const inParts = this.#isStream && (t.questionType === RrType.axfr || t.questionType === RrType.ixfr);
    if (!inParts) {
      sections.clear();
      t.sections = sections;
      t.responseEdns = edns;
    } else {
      t.sections ??= new SectionText();
      if (t.responseEdns === noEdns) t.responseEdns = new Edns();
    }
    question.write(t);
    t.hasResponse = true;
    t.responseFlags = message.flags;
    t.responseUs = lastUs;
    t.responseBytes += message.end - message.start;
    t.responseMessages++;
    t.responseEdns.clear();
    records.readResponse(bytes, t, this.#options);
    this.#reportFault(lastUs, whole);
    t.rcode = message.rcode | (t.responseEdns.extendedRcode << 4);
    if (!whole || records.isCut) t.truncated = true;
    if (found === undefined) {
      this.#emit(t, 'unsolicited');
    } else if (this.#transferGoesOn(t)) {
      this.#unlink(found);
      t.transferring = true;
      t.activeUs = lastUs;
      this.#append(t);
    } else {
      this.#unlink(found);
      this.#emit(t, outcomeOf(t));
    }
  }

  /** A zone transfer's answers fill many messages; AXFR ends with the SOA that it began with (RFC 5936 §2.2), IXFR may not say. */
  #transferGoesOn(t: Transaction): boolean {
    if (!this.#isStream || t.rcode !== 0) return false;
    if (t.questionType === RrType.ixfr) return true;
    return t.questionType === RrType.axfr && (records.lastAnswerType !== RrType.soa || t.answersCount < 2);
  }

  #takeQuestion(t: Transaction, bytes: Buffer): void {
    t.id = message.id;
    t.opcode = message.opcode;
    if (message.questionCount === 0) return;
    t.hasQuestion = true;
    t.takeName(bytes, message.start + headerBytes, message.questionNameBytes);
    t.questionType = message.questionType;
    if (t.variant === 'mdns') {
      t.questionClass = message.questionClass;
      t.unicastWanted = message.unicastWanted;
    } else {
      t.questionClass = message.unicastWanted ? message.questionClass + 0x8000 : message.questionClass;
    }
    if (message.questionCount > 1) t.questions = records.questions(bytes);
  }

  #reportFault(timeUs: number, whole: boolean): void {
    const fault = records.fault;
    if (fault === undefined || message.opcode === Opcode.dso) return;
    if (whole || (fault !== dnsAnomalies.truncated_message && fault !== dnsAnomalies.bad_count))
      this.#context.anomaly(fault, timeUs);
  }

  /** The open transaction of `direction`'s query with the id and question of the opened message. */
  #find(bytes: Buffer, direction: number): Transaction | undefined {
    if (!this.#hasAsked(direction)) return undefined;
    const byKey = message.questionCount === 0 ? undefined : this.#byKey;
    let t = this.#oldest;
    if (byKey !== undefined) {
      const name = message.start + headerBytes;
      t = byKey.get(keyOf(message.id, direction, message.questionType, bytes, name, message.questionNameBytes));
    }
    for (; t !== undefined; t = byKey === undefined ? t.next : t.twin) {
      if (t.id !== message.id || t.direction !== direction) continue;
      // Errors, updates and later messages of a transfer may come without the question (RFC 2136 §2, RFC 5936 §2.2).
      if (message.questionCount === 0 && message.isResponse) return t;
      if (
        message.questionCount === 0
          ? !t.hasQuestion
          : t.hasQuestion &&
            message.questionType === t.questionType &&
            message.questionNameBytes === t.nameBytes &&
            sameName(bytes, message.start + headerBytes, t.names.bytes, t.nameAt, t.nameBytes)
      )
        return t;
    }
    return undefined;
  }

  #hasId(direction: number): boolean {
    if (!this.#hasAsked(direction)) return false;
    for (let t = this.#oldest; t !== undefined; t = t.next) if (t.id === message.id && t.direction === direction) return true;
    return false;
  }

  /** A query of this side is open. */
  #hasAsked(direction: number): boolean {
    return direction === 0 ? this.#pendingOfClient > 0 : this.#pending > this.#pendingOfClient;
  }

  #append(t: Transaction): void {
    t.next = undefined;
    t.previous = this.#youngest;
    if (this.#youngest === undefined) this.#oldest = t;
    else this.#youngest.next = t;
    this.#youngest = t;
    this.#pending++;
    if (t.direction === 0) this.#pendingOfClient++;
    if (this.#byKey !== undefined) this.#index(this.#byKey, t);
    else if (this.#pending === indexedFrom) {
      this.#byKey = new Map();
      for (let each = this.#oldest; each !== undefined; each = each.next) this.#index(this.#byKey, each);
    }
  }

  /** Adds the youngest of those in `byKey`. */
  #index(byKey: Map<number, Transaction>, t: Transaction): void {
    const key = keyOf(t.id, t.direction, t.questionType, t.names.bytes, t.nameAt, t.nameBytes);
    t.key = key;
    let twin = byKey.get(key);
    if (twin === undefined) byKey.set(key, t);
    else {
      while (twin.twin !== undefined) twin = twin.twin;
      twin.twin = t;
    }
  }

  #dropFromIndex(byKey: Map<number, Transaction>, t: Transaction): void {
    const key = t.key;
    let before = byKey.get(key);
    if (before === t) {
      if (t.twin === undefined) byKey.delete(key);
      else byKey.set(key, t.twin);
    } else {
      while (before !== undefined && before.twin !== t) before = before.twin;
      if (before !== undefined) before.twin = t.twin;
    }
    t.twin = undefined;
  }

  #unlink(t: Transaction): void {
    if (t.previous === undefined) this.#oldest = t.next;
    else t.previous.next = t.next;
    if (t.next === undefined) this.#youngest = t.previous;
    else t.next.previous = t.previous;
    t.next = undefined;
    t.previous = undefined;
    this.#pending--;
    if (t.direction === 0) this.#pendingOfClient--;
    if (this.#byKey !== undefined) this.#dropFromIndex(this.#byKey, t);
  }

  #expire(nowUs: number): void {
    const limitUs = nowUs - this.#timeoutUs;
    for (let t = this.#oldest; t !== undefined && t.activeUs < limitUs; t = this.#oldest) {
      this.#unlink(t);
      this.#giveUp(t, 'unanswered');
    }
  }

  /** Emits what will see no more messages. An AXFR without its closing SOA has not been seen to its end. */
  #giveUp(t: Transaction, outcome: Outcome): void {
    question.write(t);
    if (!t.hasResponse) this.#emit(t, outcome);
    else if (t.questionType === RrType.axfr) this.#emit(t, outcome === 'reset' ? outcome : 'truncated');
    else this.#emit(t, outcomeOf(t));
  }

  /** `question` has been written. */
  #emit(t: Transaction, outcome: Outcome): void {
    const context = this.#context;
    t.outcome = outcome;
    t.questionText = question;
    if (t.hasQuestion) {
      context.note(noted.questionName, question.plain);
      context.note(noted.questionType, typeName(t.questionType));
    }
    if (t.hasResponse) {
      context.note(noted.responseCode, rcodeName(t.rcode));
      const addresses = t.sections?.addresses;
      if (addresses !== undefined) this.#noteAddresses(context, addresses);
    }
    context.emit(dnsRecordType, t, t.startUs);
    transactions.giveBack(t);
  }

  #noteAddresses(context: DecoderContext, addresses: AddressList): void {
    address.bytes = addresses.text.bytes;
    for (let index = 0; index < addresses.count; index++) {
      address.from = addresses.start(index);
      address.to = addresses.end(index);
      context.note(noted.resolvedIp, address);
    }
  }
}

/** The same for a query and its response: of the name, the bytes that tell most, without case. */
function keyOf(id: number, direction: number, type: number, bytes: Uint8Array, nameAt: number, nameBytes: number): number {
  let key = (id << 16) ^ (type << 1) ^ direction ^ (nameBytes << 8);
  const end = nameAt + Math.min(nameBytes, keyedBytes);
  for (let at = nameAt; at < end; at++) key = (Math.imul(key, 31) + ((bytes[at] as number) | 0x20)) | 0;
  return key;
}

function outcomeOf(t: Transaction): Outcome {
  if (t.rcode !== 0) return 'failure';
  return t.truncated ? 'truncated' : 'success';
}
