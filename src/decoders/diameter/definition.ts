// Diameter (RFC 6733) over TCP as recognition, configuration and the field registry see it; over SCTP it is read by the
// SCTP decoder.

import { type DecoderDefinition, type Direction, Verdict } from '../contract.ts';
import { diameterAnomalies, diameterFields, isHeader } from '../diameter-messages/index.ts';
import { DiameterDecoder } from './decoder.ts';
import { type DiameterOptions, diameterOptions } from './options.ts';

/** `faint` at most: a version of 1 and a length begin other protocols too. */
function probe(_direction: Direction, bytes: Buffer, from: number, to: number): Verdict {
  if (to - from < 8) return Verdict.needMore;
  return isHeader(bytes, from) ? Verdict.faint : Verdict.no;
}

export const diameterDecoder: DecoderDefinition = {
  name: 'diameter',
  title: 'Diameter: commands, peers, users',
  transports: ['tcp'],
  ports: [3868, 5658],
  firstBytes: [1],
  records: [],
  sessionFields: Object.values(diameterFields),
  anomalies: Object.values(diameterAnomalies),
  options: diameterOptions,
  probe,
  create: (context, options) => new DiameterDecoder(context, options as unknown as DiameterOptions),
};
