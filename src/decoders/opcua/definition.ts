// OPC UA over TCP (OPC 10000-6 section 7.1) as recognition, configuration and the field registry see it.

import { type DecoderDefinition, type Direction, Verdict } from '../contract.ts';
import { needMoreBytes, noMessage } from '../framed-decoder.ts';
import { certificateField } from '../x509/certificate-note.ts';
import { opcuaAnomalies } from './anomalies.ts';
import { messageLength, OpcuaDecoder } from './decoder.ts';
import { opcuaFields } from './fields.ts';
import { type OpcuaOptions, opcuaOptions } from './options.ts';

/** `certain` for what opens a connection from either side. */
function probe(_direction: Direction, bytes: Buffer, from: number, to: number): Verdict {
  const length = messageLength(bytes, from, to);
  if (length === noMessage) return Verdict.no;
  if (length === needMoreBytes) return Verdict.needMore;
  const first = bytes[from];
  return first === 0x48 || first === 0x52 ? Verdict.certain : Verdict.maybe;
}

export const opcuaDecoder: DecoderDefinition = {
  name: 'opcua',
  title: 'OPC UA: endpoints, security policies, certificates',
  transports: ['tcp'],
  ports: [4840],
  // Hello, acknowledge, error, reverse hello, open, close, message.
  firstBytes: [...Buffer.from('HAEROCM')],
  records: [],
  sessionFields: [...Object.values(opcuaFields), certificateField],
  anomalies: Object.values(opcuaAnomalies),
  options: opcuaOptions,
  probe,
  create: (context, options) => {
    return new OpcuaDecoder(context, options as unknown as OpcuaOptions);
  },
};
