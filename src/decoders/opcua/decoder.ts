// Messages that open OPC UA connections: the hello with its endpoint (OPC 10000-6 section 7.1.2.3), and the opening of a secure
// channel with its policy and certificate (section 6.7.2.3). Once both sides have opened it nothing more is read. Called by
// the OPC UA decoder, on packet workers.

import type { SessionField } from '../../record/index.ts';
import { BerCursor } from '../ber-cursor.ts';
import { ByteCursor } from '../byte-cursor.ts';
import { type DecoderContext, type Direction, DONE } from '../contract.ts';
import { FramedDecoder, needMoreBytes, noMessage } from '../framed-decoder.ts';
import { textOf } from '../wire-text.ts';
import { noteCertificate } from '../x509/certificate-note.ts';
import { opcuaAnomalies } from './anomalies.ts';
import { opcuaFields } from './fields.ts';
import type { OpcuaOptions } from './options.ts';

/** Type, kind of chunk, length. */
const headerLength = 8;
const typeNames = ['HEL', 'ACK', 'ERR', 'RHE', 'OPN', 'CLO', 'MSG'];
/** Types with their kinds of chunk (final, intermediate, aborted) as the numbers that the wire has. */
const starts = new Set(typeNames.flatMap((name) => ['F', 'C', 'A'].map((kind) => Buffer.from(name + kind).readUInt32BE(0))));
const hello = Buffer.from('HELF').readUInt32BE(0);
const reverseHello = Buffer.from('RHEF').readUInt32BE(0);
const open = Buffer.from('OPNF').readUInt32BE(0);
const mostLength = 16 * 1024 * 1024;
/** Version, two buffer sizes, most bytes of a message, most chunks. */
const helloNumbers = 20;
const mostUrl = 4096;

/** Length of the message at `from`, of which `[from, to)` are there; `needMoreBytes` or `noMessage`. */
export function messageLength(bytes: Buffer, from: number, to: number): number {
  if (to - from < 4) return mayBegin(bytes, from, to) ? needMoreBytes : noMessage;
  if (!starts.has(bytes.readUInt32BE(from))) return noMessage;
  if (to - from < headerLength) return needMoreBytes;
  const length = bytes.readUInt32LE(from + 4);
  return length < headerLength || length > mostLength ? noMessage : length;
}

function mayBegin(bytes: Buffer, from: number, to: number): boolean {
  const text = bytes.toString('latin1', from, to);
  return typeNames.some((name) => name.startsWith(text));
}

export class OpcuaDecoder extends FramedDecoder {
  /** A bit for each direction that has opened its channel. */
  #opened = 0;
  #hasCertificate = false;

  constructor(context: DecoderContext, options: OpcuaOptions) {
    super(context, options.max_message_bytes, { action: 'stop', anomaly: opcuaAnomalies.bad_message });
  }

  protected lengthAt(_direction: Direction, bytes: Buffer, at: number, to: number): number {
    return messageLength(bytes, at, to);
  }

  protected message(direction: Direction, bytes: Buffer, from: number, to: number): number {
    if (to - from < headerLength) return 0;
    const start = bytes.readUInt32BE(from);
    const body = new ByteCursor(bytes, from + headerLength, to);
    if (start === hello) {
      body.skip(helloNumbers);
      noteText(this.context, opcuaFields.endpoint, body);
    } else if (start === reverseHello) {
      // Server, then endpoint.
      skipString(body);
      noteText(this.context, opcuaFields.endpoint, body);
    } else if (start === open) {
      this.#readOpen(body);
      this.#opened |= 1 << direction;
    }
    return this.#opened === 3 ? DONE : 0;
  }

  #readOpen(body: ByteCursor): void {
    // Channel.
    body.skip(4);
    noteText(this.context, opcuaFields.policy, body);
    const length = stringLength(body);
    const from = body.take(length);
    if (from < 0 || length === 0 || !this.context.details) return;
    // The sender's certificate; those of its authorities may follow.
    const chain = new BerCursor(body.bytes, from, from + length);
    if (chain.next() && noteCertificate(this.context, body.bytes, from, chain.position, !this.#hasCertificate)) {
      this.#hasCertificate = true;
    }
  }
}

/** Length of the string or byte string at the cursor (OPC 10000-6 section 5.2.2.4); -1 stands for none and is 0 here. */
function stringLength(body: ByteCursor): number {
  const length = body.u32le();
  return length === 0xffff_ffff ? 0 : length;
}

function skipString(body: ByteCursor): void {
  body.skip(stringLength(body));
}

function noteText(context: DecoderContext, field: SessionField, body: ByteCursor): void {
  const length = stringLength(body);
  const from = length > mostUrl ? -1 : body.take(length);
  if (from >= 0 && length > 0) context.note(field, textOf(body.bytes, from, from + length));
  else if (from < 0) body.failed = true;
}
