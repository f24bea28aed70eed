// One header line of a message: finds its name in the table and keeps what the record and the framing of the body
// need (RFC 9112 sections 5 and 6). Called by the decoder for every header line, on a packet worker.

import type { Anomaly } from '../../record/index.ts';
import { textOf } from '../wire-text.ts';
import { httpAnomalies } from './anomalies.ts';
import { readCredentials } from './credentials.ts';
import type { HttpDetails } from './details.ts';
import { type HeaderEntry, HeaderId, tokenLower } from './header-table.ts';
import { knownTexts, knownTokens } from './known-texts.ts';
import type { Line } from './line-carry.ts';
import type { HttpSettings } from './options.ts';
import type { HttpTransaction, Message } from './transaction.ts';
import { knownHosts } from './url.ts';
import { findLineFeed, wordsOf } from './wire-words.ts';

const LF = 0x0a;
const CR = 0x0d;
const SP = 0x20;
const HT = 0x09;
const COLON = 0x3a;
const COMMA = 0x2c;
const SEMICOLON = 0x3b;

/** Where anomalies and tokens go: the decoder, which knows time and session. */
export interface HeadSink {
  report(anomaly: Anomaly): void;
  /** The value of a header with credentials or a challenge. */
  token(bytes: Buffer, from: number, to: number): void;
  /** Who wants every header for Arkime's document, if somebody does. */
  readonly details: HttpDetails | undefined;
}

/** Values of one header recorded by option, at most. */
const maxValuesPerName = 16;
const maxNameBytes = 128;
/** X-Forwarded-For lines are joined up to about this many characters. */
const maxForwardedLength = 1024;
/** Longest list of transfer codings. */
const maxCodingsLength = 256;

/** Reads `line`, which is not empty, into the request or the response of `transaction`. */
export function readHeaderLine(
  line: Line,
  isRequest: boolean,
  transaction: HttpTransaction,
  settings: HttpSettings,
  sink: HeadSink,
): void {
  if (line.folded) {
    sink.report(httpAnomalies.folded_header);
    unfold(line);
  }
  const bytes = line.bytes;
  const from = line.from;
  const to = line.to;
  let at = from;
  while (at < to && tokenLower[bytes[at] as number] !== 0) at++;
  const nameLength = at - from;
  if (bytes[at] !== COLON || at >= to) {
    sink.report(httpAnomalies.bad_header);
    while (at < to && (bytes[at] === SP || bytes[at] === HT)) at++;
    if (at >= to || bytes[at] !== COLON) return;
  }
  if (nameLength === 0) {
    sink.report(httpAnomalies.bad_header);
    return;
  }
  takeHeader(bytes, from, nameLength, at + 1, to, isRequest, transaction, settings, sink);
  const message = isRequest ? transaction.request : transaction.response;
  if (message.headerCount <= settings.maxHeaders) sink.details?.header(bytes, from, from + nameLength, at + 1, to);
}

/**
 * Reads the header lines at the beginning of `bytes[from, to)` that are by the book and whole, up to the first that is not;
 * that one (or the empty line) is to be taken and read by itself. A line is whole with the byte after it, which may
 * continue it.
 * @returns where it stopped
 */
export function readPlainHeaders(
  bytes: Buffer,
  from: number,
  to: number,
  isRequest: boolean,
  transaction: HttpTransaction,
  settings: HttpSettings,
  sink: HeadSink,
): number {
  const message = isRequest ? transaction.request : transaction.response;
  const limit = from + settings.maxHeadBytes - message.headBytes;
  const { headers } = settings;
  /** Up to so many headers, those that the table does not hold are only counted. */
  const { details } = sink;
  const quiet = settings.headerNames || details !== undefined ? 0 : settings.maxHeaders;
  const words = wordsOf(bytes);
  let start = from;
  for (;;) {
    let colon = start;
    while (colon < to && tokenLower[bytes[colon] as number] !== 0) colon++;
    if (colon === start || colon >= to || bytes[colon] !== COLON) break;
    const end = findLineFeed(bytes, words, colon + 1, to);
    if (end + 1 >= to || end >= limit) break;
    const after = bytes[end + 1];
    if (after === SP || after === HT) break;
    const length = colon - start;
    if (message.headerCount < quiet && !headers.mayHold(bytes[start] as number, length)) message.headerCount++;
    else {
      takeHeader(bytes, start, length, colon + 1, end, isRequest, transaction, settings, sink);
      if (details !== undefined && message.headerCount <= settings.maxHeaders) {
        details.header(bytes, start, colon, colon + 1, end);
      }
    }
    start = end + 1;
  }
  message.headBytes += start - from;
  return start;
}

/** Reads one header: its name of `nameLength` bytes at `from`, its value somewhere in `[valueFrom, valueTo)` between spaces. */
function takeHeader(
  bytes: Buffer,
  from: number,
  nameLength: number,
  valueFrom: number,
  valueTo: number,
  isRequest: boolean,
  transaction: HttpTransaction,
  settings: HttpSettings,
  sink: HeadSink,
): void {
  const message = isRequest ? transaction.request : transaction.response;
  const count = ++message.headerCount;
  const entry = settings.headers.find(bytes, from, nameLength);
  if (count > settings.maxHeaders && count === settings.maxHeaders + 1) sink.report(httpAnomalies.too_many_headers);
  if (settings.headerNames && count <= settings.maxHeaders) keepName(message, bytes, from, nameLength);
  if (entry === undefined) return;

  let at = valueFrom;
  let end = valueTo;
  while (at < end && (bytes[at] === SP || bytes[at] === HT)) at++;
  while (end > at && isTrailingSpace(bytes[end - 1] as number)) end--;
  readFraming(entry.id, bytes, at, end, transaction, message, sink);
  if (count > settings.maxHeaders) return;
  if (holdsToken(entry.id)) sink.token(bytes, at, end);
  if (end - at > settings.maxValueBytes) end = at + settings.maxValueBytes;
  if (isRequest) {
    readRequestHeader(entry.id, bytes, at, end, transaction, sink);
    if (entry.inRequest) keepValue(message, entry, bytes, at, end);
  } else {
    readResponseHeader(entry.id, bytes, at, end, transaction);
    if (entry.inResponse) keepValue(message, entry, bytes, at, end);
  }
}

function holdsToken(id: HeaderId): boolean {
  return (
    id === HeaderId.authorization ||
    id === HeaderId.proxyAuthorization ||
    id === HeaderId.authenticate ||
    id === HeaderId.proxyAuthenticate
  );
}

function isTrailingSpace(byte: number): boolean {
  return byte === SP || byte === HT || byte === CR;
}

function readFraming(
  id: HeaderId,
  bytes: Buffer,
  from: number,
  to: number,
  transaction: HttpTransaction,
  message: Message,
  sink: HeadSink,
): void {
  if (id === HeaderId.contentLength) readLength(bytes, from, to, message, sink);
  else if (id === HeaderId.transferEncoding) readTransferEncoding(bytes, from, to, transaction, message, sink);
}

function readRequestHeader(
  id: HeaderId,
  bytes: Buffer,
  from: number,
  to: number,
  transaction: HttpTransaction,
  sink: HeadSink,
): void {
  const { area } = transaction;
  switch (id) {
    case HeaderId.host:
      if (transaction.host === 0) transaction.host = area.keepRepeated(knownHosts, bytes, from, to);
      else sink.report(httpAnomalies.repeated_host);
      break;
    case HeaderId.userAgent:
      if (transaction.userAgent === 0) transaction.userAgent = area.keepRepeated(knownTexts, bytes, from, to);
      break;
    case HeaderId.referer:
      if (transaction.referer === 0) transaction.referer = area.keep(bytes, from, to);
      break;
    case HeaderId.forwardedFor:
      keepForwarded(bytes, from, to, transaction);
      break;
    case HeaderId.authorization:
    case HeaderId.proxyAuthorization:
      if (transaction.authScheme === '') readCredentials(bytes, from, to, transaction);
      break;
    case HeaderId.expect:
      transaction.expectsContinue = textOf(bytes, from, to).toLowerCase() === '100-continue';
      break;
    default:
      readCommonHeader(id, bytes, from, to, transaction, transaction.request);
  }
}

function keepForwarded(bytes: Buffer, from: number, to: number, transaction: HttpTransaction): void {
  const { area, forwardedFor } = transaction;
  if (forwardedFor === 0) transaction.forwardedFor = area.keepRepeated(knownTexts, bytes, from, to);
  else {
    const before = area.string(forwardedFor);
    if (before.length < maxForwardedLength) transaction.forwardedFor = area.keepText(`${before}, ${textOf(bytes, from, to)}`);
  }
}

function readResponseHeader(id: HeaderId, bytes: Buffer, from: number, to: number, transaction: HttpTransaction): void {
  const { area } = transaction;
  switch (id) {
    case HeaderId.server:
      if (transaction.server === 0) transaction.server = area.keepRepeated(knownTexts, bytes, from, to);
      break;
    case HeaderId.location:
      if (transaction.location === 0) transaction.location = area.keep(bytes, from, to);
      break;
    case HeaderId.contentRange:
      if (transaction.contentRange === 0) transaction.contentRange = area.keep(bytes, from, to);
      break;
    default:
      readCommonHeader(id, bytes, from, to, transaction, transaction.response);
  }
}

function readCommonHeader(
  id: HeaderId,
  bytes: Buffer,
  from: number,
  to: number,
  transaction: HttpTransaction,
  message: Message,
): void {
  const { area } = transaction;
  switch (id) {
    case HeaderId.contentType: {
      if (message.mimeType !== 0) break;
      let end = from;
      while (end < to && bytes[end] !== SEMICOLON && bytes[end] !== COMMA) end++;
      while (end > from && isTrailingSpace(bytes[end - 1] as number)) end--;
      message.mimeType = area.keepToken(knownTokens, bytes, from, end);
      break;
    }
    case HeaderId.contentEncoding:
      if (message.contentEncoding === 0) message.contentEncoding = area.keepToken(knownTokens, bytes, from, to);
      break;
    case HeaderId.upgrade:
      if (message.upgrade === '') message.upgrade = textOf(bytes, from, to).toLowerCase();
      break;
  }
}

/** Content-Length, also as a list of equal values (RFC 9110 section 8.6). */
function readLength(bytes: Buffer, from: number, to: number, message: Message, sink: HeadSink): void {
  let at = from;
  for (;;) {
    while (at < to && (bytes[at] === SP || bytes[at] === HT)) at++;
    let value = 0;
    const digits = at;
    for (; at < to; at++) {
      const digit = (bytes[at] as number) - 0x30;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    const bad = at === digits || value > Number.MAX_SAFE_INTEGER;
    while (at < to && (bytes[at] === SP || bytes[at] === HT)) at++;
    if (bad || (at < to && bytes[at] !== COMMA)) {
      sink.report(httpAnomalies.bad_length);
      return;
    }
    // As a small integer, where it is one: V8 may have counted in floating-point numbers, and positions behind a body would be that too.
    if (message.declaredLength === -1) message.declaredLength = value <= 0x7fffffff ? value | 0 : value;
    else sink.report(message.declaredLength === value ? httpAnomalies.repeated_length : httpAnomalies.conflicting_length);
    if (at >= to) return;
    at++;
  }
}

/** Transfer-Encoding: a list of codings, over all its lines; the body is chunked when the last one is. */
function readTransferEncoding(
  bytes: Buffer,
  from: number,
  to: number,
  transaction: HttpTransaction,
  message: Message,
  sink: HeadSink,
): void {
  const { area } = transaction;
  const { transferEncoding } = message;
  const end = Math.min(to, from + maxCodingsLength);
  if (transferEncoding === 0 && isChunked(bytes, from, end)) {
    message.transferEncoding = area.keepToken(knownTokens, bytes, from, end);
    message.encoded = true;
    message.chunked = true;
    return;
  }
  const value = textOf(bytes, from, end).toLowerCase();
  const before = area.shownString(transferEncoding);
  message.transferEncoding = area.keepText(before === '' ? value : `${before}, ${value}`.slice(0, maxCodingsLength));
  let at = 0;
  while (at <= value.length) {
    let comma = value.indexOf(',', at);
    if (comma === -1) comma = value.length;
    const coding = value.slice(at, comma).trim();
    at = comma + 1;
    if (coding === '' || coding === 'identity') continue;
    message.encoded = true;
    if (message.chunked) sink.report(httpAnomalies.bad_transfer_encoding);
    message.chunked = coding === 'chunked';
  }
}

const chunkedBytes = Buffer.from('chunked');

/** Is `bytes[from, to)` the one word chunked, in any case? */
function isChunked(bytes: Buffer, from: number, to: number): boolean {
  if (to - from !== chunkedBytes.length) return false;
  for (let at = 0; at < chunkedBytes.length; at++) {
    if (tokenLower[bytes[from + at] as number] !== chunkedBytes[at]) return false;
  }
  return true;
}

function keepName(message: Message, bytes: Buffer, from: number, length: number): void {
  const name = textOf(bytes, from, from + Math.min(length, maxNameBytes)).toLowerCase();
  if (message.headerNames === undefined) message.headerNames = [name];
  else message.headerNames.push(name);
}

function keepValue(message: Message, entry: HeaderEntry, bytes: Buffer, from: number, to: number): void {
  let end = to;
  if (entry.id === HeaderId.authorization || entry.id === HeaderId.proxyAuthorization) {
    end = from;
    while (end < to && bytes[end] !== SP) end++;
    if (end === to) return;
  }
  message.headers ??= {};
  const value = textOf(bytes, from, end);
  const values = message.headers[entry.name];
  if (values === undefined) message.headers[entry.name] = [value];
  else if (values.length < maxValuesPerName) values.push(value);
}

let unfolded = Buffer.alloc(1024);

/** Replaces each line end inside a folded line, with the space around it, by one space; in a buffer of the thread. */
function unfold(line: Line): void {
  const length = line.to - line.from;
  if (unfolded.length < length) unfolded = Buffer.allocUnsafeSlow(length * 2);
  let end = 0;
  let at = line.from;
  while (at < line.to) {
    const byte = line.bytes[at++] as number;
    if (byte !== CR && byte !== LF) {
      unfolded[end++] = byte;
      continue;
    }
    while (at < line.to && isTrailingSpace(line.bytes[at] as number)) at++;
    while (end > 0 && isTrailingSpace(unfolded[end - 1] as number)) end--;
    if (at < line.to && line.bytes[at] !== LF) unfolded[end++] = SP;
  }
  line.bytes = unfolded;
  line.from = 0;
  line.to = end;
}
