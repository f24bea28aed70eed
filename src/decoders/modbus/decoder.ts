// Reads Modbus messages: the MBAP header and the function code. Called by the message decoder, on packet workers.

import type { DecoderContext, Direction } from '../contract.ts';
import { Framing, type MessageFraming, type MessageReader } from '../message-decoder.ts';
import { modbusAnomalies } from './anomalies.ts';
import { modbusFields } from './fields.ts';

export const modbusPort = 502;
/** Transaction and protocol identifiers, length, unit. */
export const headerLength = 7;
const beforeUnit = 6;
/** The length counts the unit too. */
const Length = { least: 2, most: 255 } as const;

export const framing: MessageFraming = {
  mostBytes: beforeUnit + Length.most,
  whenLost: 'stop',
  lost: modbusAnomalies.bad_header,
  length(bytes, from, to) {
    if (to - from < beforeUnit) return Framing.more;
    if (bytes.readUInt16BE(from + 2) !== 0) return Framing.lost;
    const length = bytes.readUInt16BE(from + 4);
    return length < Length.least || length > Length.most ? Framing.lost : beforeUnit + length;
  },
};

export class ModbusReader implements MessageReader {
  /** The direction that sends requests: towards the port of Modbus, when only one side has it. */
  readonly #requester: Direction;

  constructor(context: DecoderContext) {
    this.#requester = context.clientPort === modbusPort && context.serverPort !== modbusPort ? 1 : 0;
  }

  message(context: DecoderContext, direction: Direction, bytes: Buffer, from: number, to: number): boolean {
    context.note(modbusFields.unit, bytes[from + beforeUnit] as number);
    context.note(modbusFields.protocol, 0);
    const code = bytes[from + headerLength] as number;
    if (direction === this.#requester) {
      context.note(modbusFields.transaction, bytes.readUInt16BE(from));
      context.note(modbusFields.function, code);
    } else if ((code & 0x80) !== 0 && to - from > headerLength + 1) {
      context.note(modbusFields.exception, bytes[from + headerLength + 1] as number);
    }
    return true;
  }
}
