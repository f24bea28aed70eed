// One request with its response, as the decoder fills it in and the record reads it. Objects come from a bounded pool
// of the packet worker's thread and go back when their record has been encoded.

import type { Outcome } from '../contract.ts';
import { TransactionPool } from '../transaction-pool.ts';
import { type Method, noMethod } from './methods.ts';
import { TextArea, type WireText } from './text-area.ts';

/** Half a transaction: a request or a response. Times are microseconds since 1970, 0: not seen. */
export class Message {
  /** Its first line has been read. */
  begun = false;
  /** All of it has been seen, apart from lost bytes inside a body of known length. */
  done = false;
  /** A loss, a bound or the end of the stream cut it. */
  cut = false;
  /** Digit after `HTTP/1.`. */
  minorVersion = 1;
  firstUs = 0;
  lastUs = 0;
  headBytes = 0;
  /** Bytes of the content as sent (content codings left on), lost ones included. */
  bodyBytes = 0;
  /** Bytes of chunk sizes, their line ends and trailers. */
  framingBytes = 0;
  /** Bytes of the body that the sensor did not see. */
  missingBytes = 0;
  headerCount = 0;
  /** Content-Length, -1 none. */
  declaredLength = -1;
  /** A Transfer-Encoding was given. */
  encoded = false;
  /** The last transfer coding is chunked. */
  chunked = false;
  /** Texts, in the area of the transaction. */
  mimeType: WireText = 0;
  contentEncoding: WireText = 0;
  transferEncoding: WireText = 0;
  upgrade = '';
  /** Values by header name, and the names in the order sent; filled by option only. */
  headers: Record<string, string[]> | undefined = undefined;
  headerNames: string[] | undefined = undefined;

  reset(): void {
    this.begun = false;
    this.done = false;
    this.cut = false;
    this.minorVersion = 1;
    this.firstUs = 0;
    this.lastUs = 0;
    this.headBytes = 0;
    this.bodyBytes = 0;
    this.framingBytes = 0;
    this.missingBytes = 0;
    this.headerCount = 0;
    this.declaredLength = -1;
    this.encoded = false;
    this.chunked = false;
    this.mimeType = 0;
    this.contentEncoding = 0;
    this.transferEncoding = 0;
    this.upgrade = '';
    this.headers = undefined;
    this.headerNames = undefined;
  }
}

/** Where the exchange keeps a transaction. */
export const Place = { unpaired: 0, queue: 1, orphans: 2 } as const;
export type Place = (typeof Place)[keyof typeof Place];

export class HttpTransaction {
  readonly request = new Message();
  readonly response = new Message();
  outcome: Outcome = 'success';

  /** Number of the request in its session, from 1; 0: no request. */
  index = 0;
  /** Requests that waited for their responses when this one came. */
  pipelineDepth = 0;
  /** The first request after a loss in its direction: an earlier response is not its. */
  afterLoss = false;
  expectsContinue = false;

  /** The texts of both halves, as far as they are not known. */
  readonly area = new TextArea();
  method: Method = noMethod;
  /** Request target as sent, cut at max_uri_bytes; in the area. */
  target: number = 0;
  /** Host header as sent. */
  host: WireText = 0;
  userAgent: WireText = 0;
  referer: WireText = 0;
  forwardedFor: WireText = 0;
  authScheme = '';
  userName = '';

  status = 0;
  reason: WireText = 0;
  server: WireText = 0;
  location: WireText = 0;
  contentRange: WireText = 0;
  /** Statuses of 1xx responses before the final one. */
  interimStatuses: number[] | undefined = undefined;

  place: Place = Place.unpaired;
  /** Next in the session's queue or in the pool. */
  next: HttpTransaction | undefined = undefined;

  clear(): void {
    this.request.reset();
    this.response.reset();
    this.outcome = 'success';
    this.index = 0;
    this.pipelineDepth = 0;
    this.afterLoss = false;
    this.expectsContinue = false;
    this.area.clear();
    this.method = noMethod;
    this.target = 0;
    this.host = 0;
    this.userAgent = 0;
    this.referer = 0;
    this.forwardedFor = 0;
    this.authScheme = '';
    this.userName = '';
    this.clearResponse();
    this.place = Place.unpaired;
    this.next = undefined;
  }

  /** Forgets an interim response: the final one is to come. */
  clearInterim(): void {
    if (this.interimStatuses === undefined) this.interimStatuses = [this.status];
    else if (this.interimStatuses.length < maxInterimStatuses) this.interimStatuses.push(this.status);
    const interims = this.interimStatuses;
    this.response.reset();
    this.clearResponse();
    this.interimStatuses = interims;
  }

  private clearResponse(): void {
    this.status = 0;
    this.reason = 0;
    this.server = 0;
    this.location = 0;
    this.contentRange = 0;
    this.interimStatuses = undefined;
  }
}

/** Interim statuses recorded of one transaction. */
const maxInterimStatuses = 8;
export const transactions = new TransactionPool(() => new HttpTransaction());
