// Diameter messages in a stream. Runs on packet workers.

import { diameterAnomalies, messageLength, readMessage } from '../diameter-messages/index.ts';
import { Framing, type MessageFraming, type MessageReader } from '../message-decoder.ts';
import type { DiameterOptions } from './options.ts';

export const messages = (options: DiameterOptions): MessageFraming => ({
  mostBytes: options.max_message_bytes,
  whenLost: 'stop',
  lost: diameterAnomalies.bad_header,
  length: (bytes, from, to) => (to - from < 4 ? Framing.more : messageLength(bytes, from)),
});

export const messageReader: MessageReader = {
  message(context, _direction, bytes, from, to, length, timeUs) {
    readMessage(context, bytes, from, to, length === to - from, timeUs);
    return true;
  },
};
