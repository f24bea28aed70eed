// Pairs the requests of a session with its responses and emits the transactions. Requests wait in a bounded queue and
// responses take them in order (RFC 9112 section 9.3.2). After a loss the times tell which request a response can
// belong to. Used by the decoder on a packet worker.

import type { ByteText, SessionField } from '../../record/index.ts';
import type { DecoderContext, EndReason, Outcome } from '../contract.ts';
import { httpAnomalies } from './anomalies.ts';
import { httpFields } from './fields.ts';
import type { HeadSink } from './header-line.ts';
import type { KnownText } from './known-texts.ts';
import { type Method, noMethod } from './methods.ts';
import type { HttpSettings } from './options.ts';
import { type HttpRecord, httpRecord } from './record.ts';
import { type HttpTransaction, Place, transactions } from './transaction.ts';
import { type KnownHost, UrlParts } from './url.ts';

/** Responses that wait for a request which is late in its direction (its packet was lost and sent again). */
const maxOrphans = 8;

/** One for the thread: `emit` encodes the record before it returns. */
const record: { transaction: HttpTransaction; url: UrlParts } = { transaction: transactions.take(), url: new UrlParts() };

export class Exchange {
  private context: DecoderContext;
  private readonly settings: HttpSettings;
  private readonly sink: HeadSink;
  private first: HttpTransaction | undefined = undefined;
  private last: HttpTransaction | undefined = undefined;
  private queued = 0;
  /** Linked like the queue. */
  private firstOrphan: HttpTransaction | undefined = undefined;
  private orphanCount = 0;
  /** Requests that found the queue full and whose responses are still to come. */
  private overflowed = 0;
  private requestCount = 0;
  /** What was noted last. */
  private notedHost: KnownHost | undefined = undefined;
  private notedMethod: Method = noMethod;
  private notedUserAgent: KnownText | undefined = undefined;
  private notedServer: KnownText | undefined = undefined;
  private notedStatus = 0;

  constructor(context: DecoderContext, settings: HttpSettings, sink: HeadSink) {
    this.context = context;
    this.settings = settings;
    this.sink = sink;
  }

  /** Begins with a session; the transactions of the one before have all been emitted. */
  begin(context: DecoderContext): void {
    this.context = context;
    this.overflowed = 0;
    this.requestCount = 0;
    this.notedHost = undefined;
    this.notedMethod = noMethod;
    this.notedUserAgent = undefined;
    this.notedServer = undefined;
    this.notedStatus = 0;
  }

  /** The transaction of a request whose first byte came at `firstUs`. */
  beginRequest(firstUs: number, afterLoss: boolean): HttpTransaction {
    this.requestCount++;
    const transaction = this.takeOrphan(firstUs) ?? transactions.take();
    transaction.index = this.requestCount;
    transaction.pipelineDepth = this.waiting();
    transaction.afterLoss = afterLoss;
    transaction.request.begun = true;
    transaction.request.firstUs = firstUs;
    if (this.overflowed > 0 || this.queued >= this.settings.maxPipelined) {
      this.sink.report(httpAnomalies.too_many_pipelined);
      this.overflowed++;
      transaction.place = Place.unpaired;
      return transaction;
    }
    transaction.place = Place.queue;
    if (this.last === undefined) this.first = transaction;
    else this.last.next = transaction;
    this.last = transaction;
    this.queued++;
    return transaction;
  }

  /** The transaction of a response whose first byte came at `firstUs`. `afterLoss`: earlier responses may be lost. */
  beginResponse(firstUs: number, afterLoss: boolean): HttpTransaction {
    let waiting = this.firstWaiting();
    if (afterLoss) waiting = this.passLost(waiting, firstUs);
    if (waiting?.afterLoss && waiting.request.firstUs > firstUs) waiting = undefined;
    const transaction = waiting ?? this.beginOrphan();
    transaction.response.begun = true;
    transaction.response.firstUs = firstUs;
    return transaction;
  }

  /** Emits the transaction when both its halves are done. */
  settle(transaction: HttpTransaction): void {
    const { request, response } = transaction;
    if (transaction.place === Place.orphans) return;
    if (transaction.place === Place.unpaired) {
      // A request beyond the queue, or the response to one.
      transaction.outcome = request.begun ? 'truncated' : 'unsolicited';
      if (request.begun) request.cut = true;
      this.emit(transaction);
      return;
    }
    if (!request.done || !response.done) return;
    transaction.outcome = response.cut ? 'truncated' : statusOutcome(transaction);
    this.unlink(transaction);
    this.emit(transaction);
  }

  /** The response took the stream over to another protocol: its transaction is complete. */
  handOver(transaction: HttpTransaction): void {
    const { request } = transaction;
    if (request.begun && !request.done) {
      request.cut = true;
      request.done = true;
    }
    this.settle(transaction);
  }

  /** Emits all that is open, in order. `lost`: responses may have been lost, so silence says nothing. */
  end(reason: EndReason, lost: boolean): void {
    for (let orphan = this.firstOrphan; orphan !== undefined; orphan = orphan.next) {
      if (!orphan.response.done) orphan.response.cut = true;
      orphan.response.done = true;
    }
    this.dropOrphans(Number.POSITIVE_INFINITY, 0);
    while (this.first !== undefined) {
      const transaction = this.first;
      const { request, response } = transaction;
      if (!request.done) request.cut = true;
      if (response.done) transaction.outcome = response.cut ? 'truncated' : statusOutcome(transaction);
      else {
        if (response.begun) response.cut = true;
        transaction.outcome = openOutcome(reason, response.begun || lost);
      }
      this.unlink(transaction);
      this.emit(transaction);
    }
  }

  noteRequestCount(): void {
    if (this.requestCount > 0) this.context.note(httpFields.requestCount, this.requestCount);
  }

  /** Requests whose response has not begun; those whose has are at the head of the queue. */
  private waiting(): number {
    let count = this.overflowed + this.queued;
    for (let at = this.first; at?.response.begun; at = at.next) count--;
    return count;
  }

  private firstWaiting(): HttpTransaction | undefined {
    let at = this.first;
    while (at?.response.begun) at = at.next;
    return at;
  }

  /**
   * Responses were lost. A client that does not pipeline sends a request only when it has the answer to the one before, so
   * every waiting request that was followed, later and before this response, by another one had its answer in the hole.
   */
  private passLost(waiting: HttpTransaction | undefined, firstUs: number): HttpTransaction | undefined {
    let at = waiting;
    for (;;) {
      const next = at?.next;
      if (at === undefined || next === undefined || !at.request.done) return at;
      if (next.request.firstUs <= at.request.lastUs || next.request.firstUs > firstUs) return at;
      at.response.cut = true;
      at.outcome = 'truncated';
      this.unlink(at);
      this.emit(at);
      at = next;
    }
  }

  private beginOrphan(): HttpTransaction {
    const transaction = transactions.take();
    if (this.overflowed > 0 && this.first === undefined) {
      this.overflowed--;
      return transaction;
    }
    if (this.orphanCount >= maxOrphans) this.dropOrphans(Number.POSITIVE_INFINITY, maxOrphans - 1);
    transaction.place = Place.orphans;
    let last = this.firstOrphan;
    while (last?.next !== undefined) last = last.next;
    if (last === undefined) this.firstOrphan = transaction;
    else last.next = transaction;
    this.orphanCount++;
    return transaction;
  }

  /** The response that came too early for a request that began at `firstUs`; older ones have no request. */
  private takeOrphan(firstUs: number): HttpTransaction | undefined {
    if (this.orphanCount === 0) return undefined;
    this.dropOrphans(firstUs, 0);
    return this.shiftOrphan();
  }

  /** Emits complete orphans that began before `beforeUs`, oldest first, down to `keep`. */
  private dropOrphans(beforeUs: number, keep: number): void {
    while (this.orphanCount > keep) {
      const orphan = this.firstOrphan as HttpTransaction;
      if (orphan.response.firstUs >= beforeUs) return;
      this.shiftOrphan();
      this.sink.report(httpAnomalies.response_without_request);
      orphan.outcome = 'unsolicited';
      if (!orphan.response.done) {
        // Its response goes on; the decoder settles it when it is done.
        orphan.place = Place.unpaired;
        continue;
      }
      this.emit(orphan);
    }
  }

  private shiftOrphan(): HttpTransaction | undefined {
    const orphan = this.firstOrphan;
    if (orphan === undefined) return undefined;
    this.firstOrphan = orphan.next;
    orphan.next = undefined;
    this.orphanCount--;
    return orphan;
  }

  private unlink(transaction: HttpTransaction): void {
    if (this.first === transaction) {
      this.first = transaction.next;
      if (this.first === undefined) this.last = undefined;
    } else {
      let before = this.first;
      while (before !== undefined && before.next !== transaction) before = before.next;
      if (before === undefined) return;
      before.next = transaction.next;
      if (this.last === transaction) this.last = before;
    }
    transaction.next = undefined;
    this.queued--;
  }

  private emit(transaction: HttpTransaction): void {
    record.url.read(transaction);
    this.note(transaction, record.url);
    record.transaction = transaction;
    const { request, response } = transaction;
    this.context.emit<HttpRecord>(httpRecord, record, request.begun ? request.firstUs : response.firstUs);
    // The pool may be full and let it go as it is.
    transaction.area.clear();
    transactions.giveBack(transaction);
  }

  /** Values that are the same as last time are not noted again: the session would only throw them away. */
  private note(transaction: HttpTransaction, url: UrlParts): void {
    const { context } = this;
    const { method, status, area, userAgent, server } = transaction;
    if (url.knownHost === undefined || url.knownHost !== this.notedHost) {
      const domain = url.domain();
      if (domain.length > 0) context.note(httpFields.domain, domain);
      this.notedHost = url.knownHost;
    }
    if (method !== this.notedMethod) {
      if (method !== noMethod) context.note(httpFields.method, method.name);
      this.notedMethod = method;
    }
    if (typeof userAgent === 'number' || userAgent !== this.notedUserAgent) {
      this.notedUserAgent = typeof userAgent === 'number' ? undefined : userAgent;
      this.noteText(httpFields.userAgent, area.noted(userAgent));
    }
    if (typeof server === 'number' || server !== this.notedServer) {
      this.notedServer = typeof server === 'number' ? undefined : server;
      this.noteText(httpFields.server, area.noted(server));
    }
    if (status !== this.notedStatus) {
      if (status !== 0) context.note(httpFields.status, status);
      this.notedStatus = status;
    }
  }

  private noteText(field: SessionField, text: ByteText | undefined): void {
    if (text !== undefined) this.context.note(field, text);
  }
}

function statusOutcome(transaction: HttpTransaction): Outcome {
  return transaction.status < 400 ? 'success' : 'failure';
}

/** How a transaction without a whole response ended. */
function openOutcome(reason: EndReason, cut: boolean): Outcome {
  if (reason === 'reset' || reason === 'timeout') return reason;
  return cut ? 'truncated' : 'unanswered';
}
