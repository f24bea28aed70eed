// Diameter messages (RFC 6733) in a stream. Made for each session by the definition; runs on packet workers.

import type { DecoderContext, Direction } from '../contract.ts';
import { diameterAnomalies, messageLength, readMessage } from '../diameter-messages/index.ts';
import { FramedDecoder, needMoreBytes } from '../framed-decoder.ts';
import type { DiameterOptions } from './options.ts';

export class DiameterDecoder extends FramedDecoder {
  constructor(context: DecoderContext, options: DiameterOptions) {
    super(context, options.max_message_bytes, { action: 'stop', anomaly: diameterAnomalies.bad_header });
  }

  protected lengthAt(_direction: Direction, bytes: Buffer, at: number, to: number): number {
    return to - at < 4 ? needMoreBytes : messageLength(bytes, at);
  }

  protected message(_direction: Direction, bytes: Buffer, from: number, to: number, length: number, timeUs: number): number {
    readMessage(this.context, bytes, from, to, length === to - from, timeUs);
    return 0;
  }
}
