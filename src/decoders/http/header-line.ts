// One header line of a message: finds its name in the table and keeps what the record and the framing of the body
// need (RFC 9112 sections 5 and 6). Called by the decoder for every header line, on a packet worker.

import type { Anomaly } from '../../record/index.ts';
import { httpAnomalies } from './anomalies.ts';
import { readCredentials } from './credentials.ts';
import { type HeaderEntry, HeaderId, nameHash, tokenLower } from './header-table.ts';
import type { Line } from './line-carry.ts';
import type { HttpSettings } from './options.ts';
import type { HttpTransaction, Message } from './transaction.ts';
import { repeatedText, textOf } from './wire-text.ts';

const LF = 0x0a;
const CR = 0x0d;
const SP = 0x20;
const HT = 0x09;
const COLON = 0x3a;
const COMMA = 0x2c;
const SEMICOLON = 0x3b;

/** Where anomalies go: the decoder, which knows the time. */
export interface AnomalySink {
  report(anomaly: Anomaly): void;
}

/** Values of one header recorded by option, at most. */
const maxValuesPerName = 16;
const maxNameBytes = 128;
/** X-Forwarded-For lines are joined up to about this many characters. */
const maxForwardedLength = 1024;

/** Reads `line`, which is not empty, into the request or the response of `transaction`. */
export function readHeaderLine(
  line: Line,
  isRequest: boolean,
  transaction: HttpTransaction,
  settings: HttpSettings,
  sink: AnomalySink,
): void {
  if (line.folded) {
    sink.report(httpAnomalies.folded_header);
    unfold(line);
  }
  const bytes = line.bytes;
  const message = isRequest ? transaction.request : transaction.response;
  const from = line.from;
  let at = from;
  let hash = 0;
  for (; at < line.to; at++) {
    const lower = tokenLower[bytes[at] as number] as number;
    if (lower === 0) break;
    hash = nameHash(hash, lower);
  }
  const nameLength = at - from;
  if (bytes[at] !== COLON || at >= line.to) {
    sink.report(httpAnomalies.bad_header);
    while (at < line.to && (bytes[at] === SP || bytes[at] === HT)) at++;
    if (at >= line.to || bytes[at] !== COLON) return;
  }
  if (nameLength === 0) {
    sink.report(httpAnomalies.bad_header);
    return;
  }
  at++;
  let end = line.to;
  while (at < end && (bytes[at] === SP || bytes[at] === HT)) at++;
  while (end > at && isTrailingSpace(bytes[end - 1] as number)) end--;

  message.headerCount++;
  const entry = settings.headers.find(hash, bytes, from, nameLength);
  if (message.headerCount > settings.maxHeaders) {
    if (message.headerCount === settings.maxHeaders + 1) sink.report(httpAnomalies.too_many_headers);
    if (entry !== undefined) readFraming(entry.id, bytes, at, end, message, sink);
    return;
  }
  if (settings.headerNames) keepName(message, bytes, from, nameLength);
  if (entry === undefined) return;
  readFraming(entry.id, bytes, at, end, message, sink);
  if (end - at > settings.maxValueBytes) end = at + settings.maxValueBytes;
  if (isRequest) {
    readRequestHeader(entry.id, bytes, at, end, transaction, sink);
    if (entry.inRequest) keepValue(message, entry, bytes, at, end);
  } else {
    readResponseHeader(entry.id, bytes, at, end, transaction);
    if (entry.inResponse) keepValue(message, entry, bytes, at, end);
  }
}

function isTrailingSpace(byte: number): boolean {
  return byte === SP || byte === HT || byte === CR;
}

function readFraming(id: HeaderId, bytes: Buffer, from: number, to: number, message: Message, sink: AnomalySink): void {
  if (id === HeaderId.contentLength) readLength(bytes, from, to, message, sink);
  else if (id === HeaderId.transferEncoding) readTransferEncoding(bytes, from, to, message, sink);
}

function readRequestHeader(
  id: HeaderId,
  bytes: Buffer,
  from: number,
  to: number,
  transaction: HttpTransaction,
  sink: AnomalySink,
): void {
  switch (id) {
    case HeaderId.host:
      if (transaction.host === '') transaction.host = repeatedText(bytes, from, to);
      else sink.report(httpAnomalies.repeated_host);
      break;
    case HeaderId.userAgent:
      if (transaction.userAgent === '') transaction.userAgent = repeatedText(bytes, from, to);
      break;
    case HeaderId.referer:
      if (transaction.referer === '') transaction.referer = textOf(bytes, from, to);
      break;
    case HeaderId.forwardedFor: {
      const value = repeatedText(bytes, from, to);
      if (transaction.forwardedFor === '') transaction.forwardedFor = value;
      else if (transaction.forwardedFor.length < maxForwardedLength) transaction.forwardedFor += `, ${value}`;
      break;
    }
    case HeaderId.authorization:
    case HeaderId.proxyAuthorization:
      if (transaction.authScheme === '') readCredentials(bytes, from, to, transaction);
      break;
    case HeaderId.expect:
      transaction.expectsContinue = textOf(bytes, from, to).toLowerCase() === '100-continue';
      break;
    default:
      readCommonHeader(id, bytes, from, to, transaction.request);
  }
}

function readResponseHeader(id: HeaderId, bytes: Buffer, from: number, to: number, transaction: HttpTransaction): void {
  switch (id) {
    case HeaderId.server:
      if (transaction.server === '') transaction.server = repeatedText(bytes, from, to);
      break;
    case HeaderId.location:
      if (transaction.location === '') transaction.location = textOf(bytes, from, to);
      break;
    case HeaderId.contentRange:
      if (transaction.contentRange === '') transaction.contentRange = textOf(bytes, from, to);
      break;
    default:
      readCommonHeader(id, bytes, from, to, transaction.response);
  }
}

function readCommonHeader(id: HeaderId, bytes: Buffer, from: number, to: number, message: Message): void {
  switch (id) {
    case HeaderId.contentType: {
      if (message.mimeType !== '') break;
      let end = from;
      while (end < to && bytes[end] !== SEMICOLON && bytes[end] !== COMMA) end++;
      while (end > from && isTrailingSpace(bytes[end - 1] as number)) end--;
      message.mimeType = repeatedText(bytes, from, end).toLowerCase();
      break;
    }
    case HeaderId.contentEncoding:
      if (message.contentEncoding === '') message.contentEncoding = repeatedText(bytes, from, to).toLowerCase();
      break;
    case HeaderId.upgrade:
      if (message.upgrade === '') message.upgrade = repeatedText(bytes, from, to).toLowerCase();
      break;
  }
}

/** Content-Length, also as a list of equal values (RFC 9110 section 8.6). */
function readLength(bytes: Buffer, from: number, to: number, message: Message, sink: AnomalySink): void {
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
    if (message.declaredLength === -1) message.declaredLength = value;
    else sink.report(message.declaredLength === value ? httpAnomalies.repeated_length : httpAnomalies.conflicting_length);
    if (at >= to) return;
    at++;
  }
}

/** Transfer-Encoding: a list of codings, over all its lines; the body is chunked when the last one is. */
function readTransferEncoding(bytes: Buffer, from: number, to: number, message: Message, sink: AnomalySink): void {
  const value = repeatedText(bytes, from, Math.min(to, from + 256)).toLowerCase();
  message.transferEncoding = message.transferEncoding === '' ? value : `${message.transferEncoding}, ${value}`.slice(0, 256);
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

function keepName(message: Message, bytes: Buffer, from: number, length: number): void {
  const name = repeatedText(bytes, from, from + Math.min(length, maxNameBytes)).toLowerCase();
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
