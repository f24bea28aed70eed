// Modbus over TCP (Modbus Messaging on TCP/IP Implementation Guide 1.0b) as recognition, configuration and the field
// registry see it.

import { Type } from 'typebox';
import { readU16 } from '../big-endian.ts';
import { type DecoderDefinition, type Direction, Verdict } from '../contract.ts';
import { needMoreBytes, noMessage } from '../framed-decoder.ts';
import type { HeadForms } from '../payload-condition.ts';
import { modbusAnomalies } from './anomalies.ts';
import { headerLength, Length, ModbusDecoder, messageLength, modbusPort } from './decoder.ts';
import { modbusFields } from './fields.ts';

/** The protocol's number, and a length that is possible. */
const forms: HeadForms = [
  [
    { at: 2, most: 0 },
    { at: 4, least: Length.least, most: Length.most },
  ],
];

/** `faint` at most: the header has little that is constant. The first segment has one message, or several in full. */
function probe(_direction: Direction, bytes: Buffer, from: number, to: number): Verdict {
  // Known before the length is.
  if (to - from >= 4 && readU16(bytes, from + 2) !== 0) return Verdict.no;
  const length = messageLength(bytes, from, to);
  if (length === noMessage) return Verdict.no;
  if (length === needMoreBytes || to - from <= headerLength) return Verdict.needMore;
  // Function codes are 1 to 127, with the top bit set in an exception.
  return ((bytes[from + headerLength] as number) & 0x7f) === 0 ? Verdict.no : Verdict.faint;
}

export const modbusDecoder: DecoderDefinition = {
  name: 'modbus',
  title: 'Modbus over TCP: units, functions, exceptions',
  transports: ['tcp'],
  ports: [modbusPort],
  forms,
  records: [],
  sessionFields: Object.values(modbusFields),
  anomalies: Object.values(modbusAnomalies),
  options: Type.Object({}),
  probe,
  create: (context) => new ModbusDecoder(context),
};
