// The HTTP/1 decoder of one session: walks both directions from message to message (RFC 9112 section 2.1) and leaves the
// pairing to the exchange. Called by the session room on a packet worker. It never keeps the bytes it is given, but for
// a line that is cut by their end, and never looks into bodies.

import type { Anomaly } from '../../record/index.ts';
import { type Decoder, type DecoderContext, type Direction, DONE, type EndReason, HANDOVER } from '../contract.ts';
import { noteNtlmHeader } from '../http-details/index.ts';
import { httpAnomalies } from './anomalies.ts';
import { type ChunkReader, ChunkState } from './chunk-reader.ts';
import { HttpDetails } from './details.ts';
import { Exchange } from './exchange.ts';
import { httpFields } from './fields.ts';
import { Framing, reportFraming, requestFraming, responseFraming } from './framing.ts';
import { type HeadSink, readHeaderLine, readPlainHeaders } from './header-line.ts';
import { knownTexts } from './known-texts.ts';
import { Taken, takeLine } from './line-carry.ts';
import { finderOf, line, Start, type StartFinder, startLine } from './message-start.ts';
import type { HttpSettings } from './options.ts';
import { Phase, Role, Side } from './side.ts';
import { type HttpTransaction, type Message, Place } from './transaction.ts';

/** Decoders of protocols that a connection goes over to, by their names in Upgrade (RFC 6455, RFC 7540 section 3.2). */
const heirs: Readonly<Record<string, string>> = { websocket: 'websocket', h2c: 'http2' };

export class HttpDecoder implements Decoder, HeadSink {
  private context: DecoderContext;
  /** Present when Arkime's document is wanted; then bodies are read. */
  details: HttpDetails | undefined = undefined;
  private readonly settings: HttpSettings;
  private readonly exchange: Exchange;
  private readonly finder: StartFinder;
  private readonly sides: readonly [Side, Side];
  private nowUs = 0;
  /** 0, or DONE or HANDOVER once that has been the answer. */
  private verdict = 0;
  private ended = false;

  constructor(context: DecoderContext, settings: HttpSettings) {
    this.settings = settings;
    this.context = context;
    this.exchange = new Exchange(context, settings, this);
    this.finder = finderOf(settings);
    this.sides = [new Side(), new Side()];
    this.recycle(context);
  }

  recycle(context: DecoderContext): void {
    this.context = context;
    this.exchange.begin(context);
    this.details = context.details ? new HttpDetails(context, this.settings) : undefined;
    this.sides[0].begin();
    this.sides[1].begin();
    this.nowUs = 0;
    this.verdict = 0;
    this.ended = false;
  }

  report(anomaly: Anomaly): void {
    this.context.anomaly(anomaly, this.nowUs);
  }

  token(bytes: Buffer, from: number, to: number): void {
    if (this.details?.isDead !== true) noteNtlmHeader(this.context, bytes, from, to);
  }

  data(direction: Direction, bytes: Buffer, from: number, to: number, timeUs: number): number {
    const side = this.sides[direction];
    this.nowUs = timeUs;
    this.details?.turnTo(direction);
    let pos = from;
    while (pos < to && this.verdict === 0) {
      switch (side.phase) {
        case Phase.idle:
          pos = this.readStart(side, bytes, pos, to);
          break;
        case Phase.head:
          pos = this.readHead(side, bytes, pos, to);
          break;
        case Phase.counted:
          pos = this.readCounted(side, bytes, pos, to);
          break;
        case Phase.chunked:
          pos = this.readChunked(side, bytes, pos, to);
          break;
        case Phase.untilClose:
          (side.message as Message).bodyBytes += to - pos;
          this.details?.body(bytes, pos, to);
          pos = to;
          break;
        case Phase.lost:
          pos = this.search(side, bytes, pos, to);
          break;
        case Phase.bodyOrRequest:
          pos = this.readBodyOrRequest(side, bytes, pos, to);
          break;
        default:
          side.tunnelled = side.phase === Phase.tunnel;
          pos = to;
      }
    }
    if (this.verdict !== 0) return this.verdict;
    if (side.message !== undefined && side.phase !== Phase.bodyOrRequest) side.message.lastUs = timeUs;
    return this.details === undefined || side.phase === Phase.deaf ? side.askToSkip() : 0;
  }

  skipped(direction: Direction, length: number, missing: number, timeUs: number): void {
    const side = this.sides[direction];
    this.nowUs = timeUs;
    const message = side.message;
    const passed = (length < side.asked ? length : side.asked) | 0;
    // A skip that the end of the stream cuts short is not the message's last byte.
    const whole = passed === side.asked;
    side.asked = 0;
    if (message === undefined || passed === 0) return;
    message.missingBytes += missing < passed ? missing : passed;
    if (whole) message.lastUs = timeUs;
    this.passBody(side, message, passed);
  }

  gap(direction: Direction, length: number, timeUs: number): boolean {
    const side = this.sides[direction];
    const message = side.message;
    this.nowUs = timeUs;
    this.details?.turnTo(direction);
    if (this.verdict !== 0 || side.phase === Phase.deaf) return this.verdict === 0;
    if (side.phase === Phase.tunnel) side.tunnelled = true;
    else if (message !== undefined && length > 0 && side.phase === Phase.untilClose) {
      message.bodyBytes += length;
      message.missingBytes += length;
      this.details?.bodyHole();
    } else {
      this.bodyNotRequest(side);
      const left =
        side.phase === Phase.counted ? side.left : side.phase === Phase.chunked ? (side.chunks as ChunkReader).left : 0;
      const inside = message === undefined ? 0 : Math.min(left, length);
      if (message !== undefined && inside > 0) {
        message.missingBytes += inside;
        this.details?.bodyHole();
        this.passBody(side, message, inside);
      }
      if (length === 0 || inside < length) this.loseTrack(side, false);
    }
    return true;
  }

  finished(direction: Direction, timeUs: number): void {
    if (this.verdict !== 0) return;
    const side = this.sides[direction];
    this.nowUs = timeUs;
    this.details?.turnTo(direction);
    this.bodyNotRequest(side);
    if (side.phase === Phase.untilClose) this.finishMessage(side);
    else if (side.message !== undefined && side.phase !== Phase.tunnel) this.cutMessage(side);
    side.carry.clear();
  }

  end(reason: EndReason, timeUs: number): void {
    if (this.ended) return;
    this.ended = true;
    this.nowUs = timeUs;
    this.endSide(this.sides[0], reason);
    this.endSide(this.sides[1], reason);
    this.exchange.end(reason, this.sides[0].hasLostResponses() || this.sides[1].hasLostResponses());
    this.exchange.noteRequestCount();
    this.details?.end();
  }

  private endSide(side: Side, reason: EndReason): void {
    this.details?.turnTo(side === this.sides[0] ? 0 : 1);
    this.bodyNotRequest(side);
    if (reason === 'fin' && side.phase === Phase.untilClose) this.finishMessage(side);
    this.readCarriedHeader(side);
    side.carry.clear();
    this.details?.endMessage(side.phase === Phase.untilClose);
    const { transaction, message } = side;
    if (transaction === undefined || message === undefined || transaction.place !== Place.unpaired) return;
    message.cut = true;
    message.done = true;
    this.exchange.settle(transaction);
  }

  /** Reads the first line of a message. */
  private readStart(side: Side, bytes: Buffer, from: number, to: number): number {
    const { finder } = this;
    const start = finder.read(side, bytes, from, to, this.nowUs);
    const pos = finder.pos;
    if (start === Start.found) {
      if (finder.lax) this.report(httpAnomalies.lax_request_line);
      this.beginMessage(side, finder.isResponse);
    } else if (start !== Start.none) {
      if (start === Start.tooLong) this.report(httpAnomalies.head_too_large);
      else this.report(finder.isResponse ? httpAnomalies.bad_status_line : httpAnomalies.bad_request_line);
      const held =
        start === Start.bad && side.carry.length > 0 ? Buffer.from(side.carry.buffer.subarray(0, side.carry.length)) : undefined;
      this.details?.unreadable();
      this.loseTrack(side, start === Start.tooLong);
      if (held !== undefined) this.search(side, held, 0, held.length);
    }
    return pos;
  }

  /** Starts the message whose first line is in `line` and `startLine`. */
  private beginMessage(side: Side, isResponse: boolean): void {
    if (side.role === Role.unknown) this.setRoles(side, isResponse);
    if (line.bare) this.report(httpAnomalies.bare_line_feed);
    let transaction: HttpTransaction;
    let message: Message;
    if (isResponse) {
      transaction = side.interim ?? this.exchange.beginResponse(side.lineUs, side.afterLoss);
      side.interim = undefined;
      message = transaction.response;
      message.begun = true;
      message.firstUs = side.lineUs;
      transaction.status = startLine.status;
      this.details?.startResponse(startLine.status, startLine.minorVersion);
      transaction.reason = transaction.area.keepRepeated(knownTexts, line.bytes, startLine.textFrom, startLine.textTo);
    } else {
      transaction = this.exchange.beginRequest(side.lineUs, side.afterLoss);
      message = transaction.request;
      transaction.method = startLine.method;
      transaction.target = transaction.area.keep(line.bytes, startLine.textFrom, startLine.textTo);
      this.details?.startRequest(
        transaction.method.name,
        line.bytes,
        startLine.textFrom,
        startLine.textTo,
        startLine.minorVersion,
      );
      if (startLine.targetCut) this.report(httpAnomalies.uri_too_long);
    }
    side.afterLoss = false;
    message.minorVersion = startLine.minorVersion;
    message.headBytes = line.length;
    side.transaction = transaction;
    side.message = message;
    side.phase = Phase.head;
    side.carry.clear();
  }

  private setRoles(side: Side, isResponse: boolean): void {
    const other = this.sides[side === this.sides[0] ? 1 : 0];
    side.role = isResponse ? Role.responses : Role.requests;
    other.role = isResponse ? Role.requests : Role.responses;
  }

  private readHead(side: Side, bytes: Buffer, from: number, to: number): number {
    const message = side.message as Message;
    const transaction = side.transaction as HttpTransaction;
    const isRequest = side.role === Role.requests;
    const { settings } = this;
    let pos = from;
    while (pos < to) {
      if (side.carry.length === 0) {
        pos = readPlainHeaders(bytes, pos, to, isRequest, transaction, settings, this);
        if (pos === to) return pos;
      }
      const taken = takeLine(side.carry, bytes, pos, to, settings.maxHeadBytes - message.headBytes, true, line);
      if (taken === Taken.partial) return to;
      if (taken === Taken.tooLong) {
        this.report(httpAnomalies.head_too_large);
        side.carry.clear();
        this.loseTrack(side, true);
        return pos;
      }
      pos = line.next;
      message.headBytes += line.length;
      if (line.from === line.to) {
        side.carry.clear();
        message.lastUs = this.nowUs;
        const framing = isRequest ? requestFraming(transaction) : responseFraming(transaction);
        this.endHead(side, transaction, message, framing, pos);
        return pos;
      }
      readHeaderLine(line, isRequest, transaction, settings, this);
      if (side.carry.length > 0) side.carry.clear();
    }
    return pos;
  }

  private endHead(side: Side, transaction: HttpTransaction, message: Message, framing: Framing, pos: number): void {
    reportFraming(message, this);
    this.details?.endHead();
    switch (framing) {
      case Framing.none:
        this.finishMessage(side);
        break;
      case Framing.counted:
        side.phase = Phase.counted;
        side.left = message.declaredLength;
        break;
      case Framing.chunked:
        side.startChunks(this.settings.maxHeadBytes);
        break;
      case Framing.untilClose:
        side.phase = Phase.untilClose;
        break;
      case Framing.tunnel:
        side.phase = Phase.tunnel;
        side.tunnelled = false;
        message.done = true;
        break;
      case Framing.interim:
        transaction.clearInterim();
        side.rest();
        side.interim = transaction;
        break;
      case Framing.handover:
        this.handOver(side, transaction, message, pos);
        break;
    }
  }

  private handOver(side: Side, transaction: HttpTransaction, message: Message, pos: number): void {
    if (transaction.status === 101) this.details?.upgraded();
    const protocol = transaction.status === 101 ? message.upgrade || transaction.request.upgrade : 'connect';
    if (protocol !== '') this.context.note(httpFields.upgrade, protocol);
    const heir = heirs[protocol];
    if (heir !== undefined) this.context.handoverTo = heir;
    message.done = true;
    side.rest();
    const requests = this.sides[side === this.sides[0] ? 1 : 0];
    requests.rest();
    this.exchange.handOver(transaction);
    this.context.handoverAt = pos;
    this.verdict = HANDOVER;
  }

  private readCounted(side: Side, bytes: Buffer, pos: number, to: number): number {
    const message = side.message as Message;
    if (side.mayHoldBody() && (side.transaction as HttpTransaction).response.done) {
      side.phase = Phase.bodyOrRequest;
      side.lineUs = this.nowUs;
      return pos;
    }
    const taken = side.left < to - pos ? side.left : to - pos;
    message.lastUs = this.nowUs;
    this.details?.body(bytes, pos, pos + taken);
    this.passBody(side, message, taken);
    return pos + taken;
  }

  private readChunked(side: Side, bytes: Buffer, from: number, to: number): number {
    const message = side.message as Message;
    const chunks = side.chunks as ChunkReader;
    const pos = chunks.read(bytes, from, to, message, this.details);
    message.lastUs = this.nowUs;
    const { state } = chunks;
    if (state === ChunkState.done) this.finishMessage(side);
    else if (state !== ChunkState.reading) {
      this.report(state === ChunkState.bad ? httpAnomalies.bad_chunk_size : httpAnomalies.head_too_large);
      this.loseTrack(side, false);
    }
    return pos;
  }

  /** `length` bytes of a body of known length, or of a chunk, went by. */
  private passBody(side: Side, message: Message, length: number): void {
    if (side.phase === Phase.chunked) {
      (side.chunks as ChunkReader).passed(length, message);
      return;
    }
    message.bodyBytes += length;
    side.left -= length;
    if (side.left === 0) this.finishMessage(side);
  }

  /**
   * The server has answered finally before any of the body that the client announced with `Expect: 100-continue`. RFC 9110
   * section 10.1.1 lets the client leave the body out, so a request line begins a request.
   */
  private readBodyOrRequest(side: Side, bytes: Buffer, from: number, to: number): number {
    const { finder } = this;
    const start = finder.readInsteadOfBody(side, bytes, from, to);
    const pos = finder.pos;
    if (start === Start.found) {
      this.finishMessage(side);
      this.beginMessage(side, false);
    } else if (start === Start.bad) {
      (side.message as Message).lastUs = this.nowUs;
      this.bodyNotRequest(side);
    }
    return pos;
  }

  /** What was held back in phase bodyOrRequest is body after all. */
  private bodyNotRequest(side: Side): void {
    if (side.phase !== Phase.bodyOrRequest) return;
    const held = side.carry.length;
    this.details?.body(side.carry.buffer, 0, held);
    side.carry.clear();
    side.phase = Phase.counted;
    (side.transaction as HttpTransaction).expectsContinue = false;
    if (held > 0) this.passBody(side, side.message as Message, held);
  }

  /** Searches the next first line of a message after a loss or damage. */
  private search(side: Side, bytes: Buffer, from: number, to: number): number {
    const { finder } = this;
    const start = finder.search(side, bytes, from, to, this.nowUs);
    const pos = finder.pos;
    if (start === Start.found) this.beginMessage(side, finder.isResponse);
    else if (start === Start.gaveUp) {
      this.report(httpAnomalies.lost_track);
      side.phase = Phase.deaf;
      side.carry.clear();
      if (this.sides[0].phase === this.sides[1].phase) {
        this.end('stopped', this.nowUs);
        this.verdict = DONE;
      }
    }
    return pos;
  }

  private finishMessage(side: Side): void {
    const transaction = side.transaction as HttpTransaction;
    const message = side.message as Message;
    message.done = true;
    this.details?.endMessage(!message.cut);
    side.rest();
    if (message === transaction.response && transaction.method.isConnect) this.leaveTunnel();
    this.exchange.settle(transaction);
  }

  /** The message at hand will not become whole. */
  private cutMessage(side: Side): void {
    this.readCarriedHeader(side);
    (side.message as Message).cut = true;
    this.finishMessage(side);
  }

  private loseTrack(side: Side, passLine: boolean): void {
    if (side.message !== undefined && side.phase !== Phase.tunnel) this.cutMessage(side);
    if (side.interim?.place === Place.orphans) side.interim.response.done = true;
    side.interim = undefined;
    side.lose(passLine);
  }

  /** The proxy has refused: the client goes on with requests. */
  private leaveTunnel(): void {
    for (const side of this.sides) {
      if (side.phase !== Phase.tunnel) continue;
      if (side.tunnelled) side.lose(false);
      else side.rest();
    }
  }

  /** A whole header line that waited for the byte after it. */
  private readCarriedHeader(side: Side): void {
    const { carry } = side;
    if (side.phase !== Phase.head || !carry.endsLine()) return;
    line.set(carry.buffer, 0, carry.length - 1, false, 0);
    (side.message as Message).headBytes += line.length;
    readHeaderLine(line, side.role === Role.requests, side.transaction as HttpTransaction, this.settings, this);
    carry.clear();
  }
}
