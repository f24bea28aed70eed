// Reads Modbus messages: the MBAP header and the function code. Called by the message decoder, on packet workers.

import { defineAnomalies, type SessionField } from '../../record/index.ts';
import { collected } from '../collected-field.ts';
import type { DecoderContext, Direction } from '../contract.ts';
import { Framing, type MessageFraming, type MessageReader } from '../message-decoder.ts';

const one = (name: string, meaning: string): SessionField => ({
  ...{ name, type: 'long', many: false, meaning },
  arkime: { path: name.replace('_', ''), expression: name.replace('_', ''), kind: 'integer' },
});

const unitField = one('modbus.unit_id', 'First unit spoken to.');
const protocolField = one('modbus.protocol_id', 'Protocol identifier of the header, always 0.');
const transactionField = collected('long', 'modbus.transaction_id', 'Transaction identifiers of requests.', {
  path: 'modbus.transactionid',
});
const functionField = collected('long', 'modbus.function_code', 'Functions that requests ask for.', { path: 'modbus.funccode' });
const exceptionField = collected('long', 'modbus.exception_code', 'Exceptions that responses give.', { path: 'modbus.exccode' });
export const sessionFields = [unitField, protocolField, transactionField, functionField, exceptionField];

export const anomalies = defineAnomalies('modbus', {
  bad_header: 'A protocol identifier is not 0, or a length is not 2 to 255; the session is given up.',
});

export const modbusPort = 502;
/** Transaction and protocol identifiers, length, unit. */
export const headerLength = 7;
const beforeUnit = 6;
/** The length counts the unit too. */
const Length = { least: 2, most: 255 } as const;

export const framing: MessageFraming = {
  mostBytes: beforeUnit + Length.most,
  whenLost: 'stop',
  lost: anomalies.bad_header,
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
    context.note(unitField, bytes[from + beforeUnit] as number);
    context.note(protocolField, 0);
    const code = bytes[from + headerLength] as number;
    if (direction === this.#requester) {
      context.note(transactionField, bytes.readUInt16BE(from));
      context.note(functionField, code);
    } else if ((code & 0x80) !== 0 && to - from > headerLength + 1) {
      context.note(exceptionField, bytes[from + headerLength + 1] as number);
    }
    return true;
  }
}
