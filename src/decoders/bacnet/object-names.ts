// Object names in BACnet application messages: what I-Have announces and Who-Has asks for, and values of the property
// object-name in answers. Walks tags (ASHRAE 135 section 20.2.1), bounded by the message. Called for each such message.

import type { ByteCursor } from '../byte-cursor.ts';
import type { DecoderContext } from '../contract.ts';
import { textOf } from '../wire-text.ts';
import { bacnetFields } from './fields.ts';

/** Services whose messages are walked, and where in them the property of a value stands: its context tag, -1 when all text is a name. */
const propertyTags: ReadonlyMap<string, number> = new Map([
  ['i-have', -1],
  ['who-has', -1],
  ['read-property', 1],
  ['read-property-multiple', 2],
]);
/** Context tag of the name in Who-Has. */
const whoHasName = 3;
const characterString = 7;
const objectName = 77;
const Length = { extended: 5, opening: 6, closing: 7 } as const;
const Charset = { utf8: 0, ucs2: 4, latin1: 5 } as const;

/** Notes the names in the body of a message of this service. */
export function readObjectNames(context: DecoderContext, cursor: ByteCursor, service: string): void {
  const propertyTag = propertyTags.get(service);
  if (propertyTag === undefined) return;
  let property = propertyTag < 0 ? objectName : 0;
  let depth = 0;
  while (cursor.left > 0 && !cursor.failed) {
    const first = cursor.u8();
    const tag = first >> 4 === 0x0f ? cursor.u8() : first >> 4;
    const isContext = (first & 0x08) !== 0;
    const kind = first & 0x07;
    if (isContext && kind === Length.opening) depth += 1;
    else if (isContext && kind === Length.closing) depth -= 1;
    else {
      // The value of an application tag for booleans is in its length.
      const length = kind === Length.extended ? longLength(cursor) : !isContext && tag === 1 ? 0 : kind;
      const from = cursor.take(length);
      if (from < 0) return;
      const isProperty = isContext && tag === propertyTag && length > 0 && length <= 4;
      if (isProperty) property = cursor.bytes.readUIntBE(from, length);
      const isText = isContext ? service === 'who-has' && tag === whoHasName : tag === characterString;
      if (isText && property === objectName && length > 1) noteName(context, cursor.bytes, from, from + length);
    }
    if (depth < 0) return;
  }
}

/** Section 20.2.1.3.1: one byte, or two or four behind 254 and 255. */
function longLength(cursor: ByteCursor): number {
  const length = cursor.u8();
  if (length < 254) return length;
  return length === 254 ? cursor.u16() : cursor.u32();
}

/** The first byte is the character set. */
function noteName(context: DecoderContext, bytes: Buffer, from: number, to: number): void {
  const charset = bytes[from];
  if (charset === Charset.utf8) context.note(bacnetFields.objectName, textOf(bytes, from + 1, to));
  else if (charset === Charset.latin1) context.note(bacnetFields.objectName, bytes.toString('latin1', from + 1, to));
  else if (charset === Charset.ucs2 && (to - from) % 2 === 1) {
    context.note(
      bacnetFields.objectName,
      Buffer.from(bytes.subarray(from + 1, to))
        .swap16()
        .toString('utf16le'),
    );
  }
}
