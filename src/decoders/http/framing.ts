// What follows the head of a message, by RFC 9112 section 6.3. Called by the decoder for every message, on a packet
// worker.

import { httpAnomalies } from './anomalies.ts';
import type { HeadSink } from './header-line.ts';
import type { HttpTransaction, Message } from './transaction.ts';

export const Framing = {
  none: 0,
  /** Content-Length bytes. */
  counted: 1,
  chunked: 2,
  untilClose: 3,
  /** CONNECT: bytes of another protocol if the answer is 2xx. */
  tunnel: 4,
  /** A 1xx response: another response follows. */
  interim: 5,
  /** The connection belongs to another protocol from here on. */
  handover: 6,
} as const;
export type Framing = (typeof Framing)[keyof typeof Framing];

export function requestFraming(transaction: HttpTransaction): Framing {
  if (transaction.method.isConnect) return Framing.tunnel;
  const framing = bodyFraming(transaction.request);
  // A request cannot end with the connection.
  return framing === Framing.untilClose ? Framing.none : framing;
}

export function responseFraming(transaction: HttpTransaction): Framing {
  const { method, status } = transaction;
  if (status === 101 || (method.isConnect && status >= 200 && status < 300)) return Framing.handover;
  if (status < 200) return Framing.interim;
  if (method.isHead || status === 204 || status === 304) return Framing.none;
  return bodyFraming(transaction.response);
}

function bodyFraming(message: Message): Framing {
  if (message.encoded) return message.chunked ? Framing.chunked : Framing.untilClose;
  if (message.declaredLength < 0) return Framing.untilClose;
  return message.declaredLength === 0 ? Framing.none : Framing.counted;
}

/** Reports what makes the framing of a message ambiguous. */
export function reportFraming(message: Message, sink: HeadSink): void {
  if (!message.encoded) return;
  if (message.declaredLength >= 0) sink.report(httpAnomalies.length_with_encoding);
  if (!message.chunked) sink.report(httpAnomalies.bad_transfer_encoding);
}
