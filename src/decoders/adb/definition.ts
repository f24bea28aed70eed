// The Android Debug Bridge as recognition, configuration and the field registry see it.

import { tagsField } from '../../record/index.ts';
import { type DecoderDefinition, type Direction, Verdict } from '../contract.ts';
import { needMoreBytes, noMessage } from '../framed-decoder.ts';
import { adbAnomalies } from './anomalies.ts';
import { AdbDecoder, headBytes, messageLength, requestLength } from './decoder.ts';
import { adbFields } from './fields.ts';
import { type AdbOptions, adbOptions } from './options.ts';

/** A message's magic word is certain; a client's request to an ADB server begins with its length in hex and `host`. */
function probe(direction: Direction, bytes: Buffer, from: number, to: number): Verdict {
  const first = bytes[from] as number;
  if ((first >= 0x30 && first <= 0x39) || (first >= 0x61 && first <= 0x66)) {
    if (direction === 1) return Verdict.no;
    const length = requestLength(bytes, from, to);
    if (length === noMessage) return Verdict.no;
    if (length === needMoreBytes) return Verdict.needMore;
    const text = bytes.toString('latin1', from + 4, Math.min(to, from + 9));
    if (/^host[:-]/.test(text)) return Verdict.certain;
    return /^h(?:o(?:st?)?)?$/.test(text) || text === '' ? Verdict.needMore : Verdict.no;
  }
  const length = messageLength(bytes, from, to);
  if (length > 0) return Verdict.certain;
  if (length === noMessage || to - from >= headBytes) return Verdict.no;
  const known = ['CNXN', 'AUTH', 'OPEN', 'OKAY', 'WRTE', 'CLSE', 'STLS', 'SYNC'];
  const start = bytes.toString('latin1', from, Math.min(to, from + 4));
  return known.some((each) => each.startsWith(start)) ? Verdict.needMore : Verdict.no;
}

export const adbDecoder: DecoderDefinition = {
  name: 'adb',
  title: 'Android Debug Bridge: devices, services, files',
  transports: ['tcp'],
  ports: [5555, 5037],
  firstBytes: [...Buffer.from('0123456789abcdefCAOWS')],
  records: [],
  sessionFields: [...Object.values(adbFields), tagsField],
  anomalies: Object.values(adbAnomalies),
  options: adbOptions,
  probe,
  create: (context, options) => new AdbDecoder(context, options as unknown as AdbOptions),
};
