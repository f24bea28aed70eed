// The frames of one WebSocket connection (RFC 6455 section 5.2), from behind the answer that agreed to the upgrade. Payloads are
// counted and skipped, but for the beginnings of the first texts and close frames. Runs on packet workers.

import { isUtf8 } from 'node:buffer';
import { type Decoder, type DecoderContext, type Direction, DONE } from '../contract.ts';
import { webSocketAnomalies } from './anomalies.ts';
import { webSocketFields } from './fields.ts';
import type { WebSocketOptions } from './options.ts';

const Opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;
const opcodeNames: Readonly<Record<number, string>> = {
  [Opcode.text]: 'Text',
  [Opcode.binary]: 'Binary',
  [Opcode.close]: 'Close',
  [Opcode.ping]: 'Ping',
  [Opcode.pong]: 'Pong',
};

/** Longest payload of a control frame (RFC 6455 section 5.5). */
const controlMost = 125;
/** Two bytes, eight of an extended length, four of a mask. */
const headMost = 14;
/** Longest skip asked for at once. */
const skipMost = 0x40000000;

class Side {
  readonly head = Buffer.alloc(headMost);
  headLength = 0;
  /** Bytes of the payload at hand that are still to come; only behind a whole head. */
  left = 0;
  inPayload = false;
  opcode = 0;
  /** Where the payload stands in its mask; the mask lies at the end of the head. -1: not masked. */
  maskAt = -1;
  maskIndex = 0;
  /** What is kept of the payload at hand, unmasked. */
  kept: Buffer | undefined = undefined;
  keptLength = 0;
  keepMost = 0;
  /** The message at hand is text as sent; its continuations are samples too. */
  isText = false;
}

export class WebSocketDecoder implements Decoder {
  readonly #context: DecoderContext;
  readonly #options: WebSocketOptions;
  readonly #sides: readonly [Side, Side] = [new Side(), new Side()];
  #samples = 0;

  constructor(context: DecoderContext, options: WebSocketOptions) {
    this.#context = context;
    this.#options = options;
  }

  data(direction: Direction, bytes: Buffer, from: number, to: number, timeUs: number): number {
    const side = this.#sides[direction];
    let at = from;
    while (at < to) {
      if (!side.inPayload) {
        side.head[side.headLength++] = bytes[at++] as number;
        if (side.headLength === headLengthOf(side) && !this.#beginPayload(direction, side, timeUs)) {
          this.#context.anomaly(webSocketAnomalies.bad_frame, timeUs);
          return DONE;
        }
        continue;
      }
      const taken = Math.min(side.left, to - at);
      this.#keep(side, bytes, at, at + taken);
      at += taken;
      this.#pass(side, taken);
    }
    if (!side.inPayload || side.keptLength < side.keepMost) return 0;
    return Math.min(side.left, skipMost);
  }

  skipped(direction: Direction, length: number): void {
    this.#pass(this.#sides[direction], length);
  }

  /** A head may be in the hole, and nothing in the stream says where the next one is. */
  gap(direction: Direction, length: number): boolean {
    const side = this.#sides[direction];
    if (!side.inPayload || length === 0 || length > side.left) return false;
    side.keepMost = 0;
    this.#pass(side, length);
    return true;
  }

  finished(): void {}

  end(): void {}

  /** The head is whole. False: there is no such frame. */
  #beginPayload(direction: Direction, side: Side, timeUs: number): boolean {
    const { head, headLength } = side;
    const first = head[0] as number;
    const opcode = first & 0x0f;
    const isControl = opcode >= Opcode.close;
    const length = payloadLengthOf(head);
    const name = opcodeNames[opcode];
    if (name === undefined && opcode !== Opcode.continuation) return false;
    if (length < 0 || (isControl && (length > controlMost || (first & 0x80) === 0))) return false;
    const isMasked = ((head[1] as number) & 0x80) !== 0;
    const context = this.#context;
    if (name !== undefined) context.note(webSocketFields.opcode, name);
    context.note(webSocketFields.frameCount, 1);
    context.note(webSocketFields.payloadBytes, length);
    if (isMasked && direction === 0) context.note(webSocketFields.masked, 1);
    if (isMasked !== (direction === 0))
      context.anomaly(isMasked ? webSocketAnomalies.masked_server : webSocketAnomalies.unmasked_client, timeUs);
    // RSV1 marks a compressed message (RFC 7692 section 6).
    if (!isControl && opcode !== Opcode.continuation) side.isText = opcode === Opcode.text && (first & 0x40) === 0;
    side.opcode = opcode;
    side.maskAt = isMasked ? headLength - 4 : -1;
    side.maskIndex = 0;
    side.left = length;
    side.keptLength = 0;
    side.keepMost = Math.min(length, this.#wanted(side));
    side.inPayload = true;
    if (length === 0) this.#pass(side, 0);
    return true;
  }

  /** How much of the payload at hand is to be kept. */
  #wanted(side: Side): number {
    if (side.opcode === Opcode.close) return controlMost;
    if (side.opcode >= Opcode.close || !side.isText || this.#samples >= this.#options.max_text_samples) return 0;
    return this.#options.max_sample_bytes;
  }

  #keep(side: Side, bytes: Buffer, from: number, to: number): void {
    const count = Math.min(to - from, side.keepMost - side.keptLength);
    if (count <= 0) return;
    if (side.kept === undefined || side.kept.length < side.keepMost) {
      const larger = Buffer.allocUnsafe(Math.max(side.keepMost, controlMost));
      side.kept?.copy(larger, 0, 0, side.keptLength);
      side.kept = larger;
    }
    const { kept, head, maskAt } = side;
    for (let index = 0; index < count; index++) {
      const byte = bytes[from + index] as number;
      kept[side.keptLength++] = maskAt < 0 ? byte : byte ^ (head[maskAt + (side.maskIndex++ & 3)] as number);
    }
  }

  /** `length` bytes of the payload went by. */
  #pass(side: Side, length: number): void {
    side.left -= length;
    if (side.left > 0) return;
    if (side.keptLength > 0 && side.keptLength === side.keepMost) this.#read(side, side.kept as Buffer);
    side.inPayload = false;
    side.headLength = 0;
  }

  #read(side: Side, kept: Buffer): void {
    const length = side.keptLength;
    if (side.opcode === Opcode.close) {
      if (length < 2) return;
      this.#context.note(webSocketFields.closeCode, kept.readUInt16BE(0));
      const reason = kept.subarray(2, length);
      if (length > 2 && isUtf8(reason)) this.#context.note(webSocketFields.closeReason, reason.toString('utf8'));
      return;
    }
    if (this.#samples >= this.#options.max_text_samples) return;
    const text = kept.subarray(0, wholeCharacters(kept, length));
    if (!isUtf8(text)) return;
    this.#samples++;
    this.#context.note(webSocketFields.textSample, text.toString('utf8'));
  }
}

/** Length of the head, as far as it can be told from what is there of it. */
function headLengthOf(side: Side): number {
  if (side.headLength < 2) return headMost;
  const second = side.head[1] as number;
  const size = second & 0x7f;
  return 2 + (size === 126 ? 2 : size === 127 ? 8 : 0) + ((second & 0x80) !== 0 ? 4 : 0);
}

/** -1: more than a number can say. */
function payloadLengthOf(head: Buffer): number {
  const size = (head[1] as number) & 0x7f;
  if (size === 126) return head.readUInt16BE(2);
  if (size < 126) return size;
  const high = head.readUInt32BE(2);
  return high >= 0x200000 ? -1 : high * 0x100000000 + head.readUInt32BE(6);
}

/** The length without a UTF-8 character that the end cuts. */
function wholeCharacters(bytes: Buffer, length: number): number {
  for (let back = 1; back <= Math.min(3, length); back++) {
    const byte = bytes[length - back] as number;
    if (byte < 0x80) break;
    if (byte < 0xc0) continue;
    const size = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return size > back ? length - back : length;
  }
  return length;
}
