// Reads Modbus messages: the MBAP header and the function code. Called by the message decoder, on packet workers.

import type { DecoderContext, Direction } from '../contract.ts';
import { FramedDecoder, needMoreBytes, noMessage } from '../framed-decoder.ts';
import { modbusAnomalies } from './anomalies.ts';
import { modbusFields } from './fields.ts';

export const modbusPort = 502;
/** Transaction and protocol identifiers, length, unit. */
export const headerLength = 7;
const beforeUnit = 6;
/** The length counts the unit too. */
export const Length = { least: 2, most: 255 } as const;

/** Length of the message at `from`, of which `[from, to)` are there; `needMoreBytes` or `noMessage`. */
export function messageLength(bytes: Buffer, from: number, to: number): number {
  if (to - from < beforeUnit) return needMoreBytes;
  if (bytes.readUInt16BE(from + 2) !== 0) return noMessage;
  const length = bytes.readUInt16BE(from + 4);
  return length < Length.least || length > Length.most ? noMessage : beforeUnit + length;
}

export class ModbusDecoder extends FramedDecoder {
  /** The direction that sends requests: towards the port of Modbus, when only one side has it. */
  readonly #requester: Direction;

  constructor(context: DecoderContext) {
    super(context, beforeUnit + Length.most, { action: 'stop', anomaly: modbusAnomalies.bad_header });
    this.#requester = context.clientPort === modbusPort && context.serverPort !== modbusPort ? 1 : 0;
  }

  protected lengthAt(_direction: Direction, bytes: Buffer, at: number, to: number): number {
    return messageLength(bytes, at, to);
  }

  protected message(direction: Direction, bytes: Buffer, from: number, to: number): number {
    this.context.note(modbusFields.unit, bytes[from + beforeUnit] as number);
    this.context.note(modbusFields.protocol, 0);
    const code = bytes[from + headerLength] as number;
    if (direction === this.#requester) {
      this.context.note(modbusFields.transaction, bytes.readUInt16BE(from));
      this.context.note(modbusFields.function, code);
    } else if ((code & 0x80) !== 0 && to - from > headerLength + 1) {
      this.context.note(modbusFields.exception, bytes[from + headerLength + 1] as number);
    }
    return 0;
  }
}
