// DCE/RPC over TCP as recognition, configuration and the field registry see it.

import { Type } from 'typebox';
import { tagsField } from '../../record/index.ts';
import { type DecoderDefinition, Verdict } from '../contract.ts';
import { dcerpcFields, isPdu, pduLength } from '../dcerpc-pdu/index.ts';
import { ntlmFields } from '../ntlm/index.ts';
import { DcerpcDecoder } from './decoder.ts';

const majorVersion = 5;

function probe(bytes: Buffer, from: number, to: number): Verdict {
  if (!isPdu(bytes, from, to)) return Verdict.no;
  if (pduLength(bytes, from, to) > 0) return Verdict.certain;
  // SOCKS 5 begins with the same number, then that of the methods that follow.
  return to - from >= 2 && to - from === 2 + (bytes[from + 1] as number) ? Verdict.no : Verdict.needMore;
}

export const dcerpcDecoder: DecoderDefinition = {
  name: 'dcerpc',
  title: 'DCE/RPC (MSRPC)',
  transports: ['tcp'],
  ports: [135, 593],
  firstBytes: [majorVersion],
  records: [],
  sessionFields: [...Object.values(dcerpcFields), ...Object.values(ntlmFields), tagsField],
  anomalies: [],
  options: Type.Object({}),
  probe: (_direction, bytes, from, to) => probe(bytes, from, to),
  create: (context) => new DcerpcDecoder(context),
};
