// CIP messages (CIP volume 1, section 2-4): the service, and of a request the class that it is asked of. Called for each item of
// an EtherNet/IP message that carries one.

import type { ByteCursor } from '../byte-cursor.ts';
import type { DecoderContext } from '../contract.ts';
import { enipFields } from './fields.ts';
import { classNames, serviceNames, unconnectedSend } from './names.ts';

const replyBit = 0x80;
const connectionManager = 0x06;
/** Kinds of segments of a path (appendix C-1): the upper three bits. */
const Segment = { port: 0x00, logical: 0x20, data: 0x80 } as const;

export function readRequest(context: DecoderContext, contents: ByteCursor): void {
  const first = contents.u8();
  if (contents.failed) return;
  context.protocol('cip');
  const service = first & ~replyBit;
  if ((first & replyBit) !== 0) {
    context.note(enipFields.service, serviceNames.get(service) ?? 'Reply');
    return;
  }
  const words = contents.u8();
  contents.limit(words * 2);
  const asked = contents.failed ? -1 : classOf(contents);
  const isUnconnectedSend = service === unconnectedSend.service && asked === connectionManager;
  const name = isUnconnectedSend ? unconnectedSend.name : serviceNames.get(service);
  context.note(enipFields.service, name ?? `Service-0x${hex(service)}`);
  if (asked >= 0) context.note(enipFields.class, classNames.get(asked) ?? `Class-0x${hex(asked)}`);
}

const hex = (value: number): string => value.toString(16).padStart(2, '0');

/** The class that a path leads to; -1 when it names none. */
function classOf(path: ByteCursor): number {
  while (path.left > 0 && !path.failed) {
    const segment = path.u8();
    const kind = segment & 0xe0;
    if (kind === Segment.logical) {
      const value = logicalValue(path, segment & 0x03);
      if (path.failed) return -1;
      if ((segment & 0x1c) === 0) return value;
    } else if (kind === Segment.data) {
      // A symbol's length is in bytes, that of simple data in words.
      const length = path.u8();
      path.skip(segment === 0x91 ? length + (length & 1) : length * 2);
    } else if (kind === Segment.port) skipPort(path, segment);
    else return -1;
  }
  return -1;
}

/** Formats of 1, 2 and 4 bytes, the longer ones behind a padding byte. */
function logicalValue(path: ByteCursor, format: number): number {
  if (format === 0) return path.u8();
  path.skip(1);
  if (format === 1) return path.u16le();
  if (format === 2) return path.u32le();
  path.failed = true;
  return -1;
}

/** Port number of 4 bits or, behind 15, of two bytes; link address of one byte or of as many as its size says. */
function skipPort(path: ByteCursor, segment: number): void {
  const size = (segment & 0x10) !== 0 ? path.u8() : 1;
  if ((segment & 0x0f) === 0x0f) path.skip(2);
  path.skip(size === 1 ? 1 : size + (size & 1));
}
