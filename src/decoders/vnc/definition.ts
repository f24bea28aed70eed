// VNC (RFB, RFC 6143) as recognition, configuration and the field registry see it.

import { Type } from 'typebox';
import { type DecoderDefinition, type Direction, Verdict } from '../contract.ts';
import { isVersion, pattern, VncDecoder } from './decoder.ts';
import { vncFields } from './fields.ts';

function probe(_direction: Direction, bytes: Buffer, from: number, to: number): Verdict {
  if (!isVersion(bytes, from, to)) return Verdict.no;
  return to - from < pattern.length ? Verdict.needMore : Verdict.certain;
}

export const vncDecoder: DecoderDefinition = {
  name: 'vnc',
  title: 'VNC, Remote Framebuffer',
  transports: ['tcp'],
  ports: [5900, 5901, 5902, 5903],
  firstBytes: [pattern.charCodeAt(0)],
  records: [],
  sessionFields: Object.values(vncFields),
  anomalies: [],
  options: Type.Object({}),
  probe,
  create: (context) => new VncDecoder(context),
};
